import { jtlDelimiter } from './jtl-csv.ts';

/** What a report is, told by its first bytes and never by its name. */
export type Recognised =
  | { readonly kind: 'k6-points' | 'vegeta-json' | 'vegeta-csv' | 'locust-stats' | 'jtl-xml' }
  | { readonly kind: 'gatling-text' | 'gatling-binary' | 'wrk' | 'hey' | 'document' }
  | { readonly kind: 'jtl-csv'; readonly delimiter: string }
  /** One that is known, and is not enough. */
  | { readonly kind: 'instead'; readonly expected: string }
  | { readonly kind: 'unknown' };

const instead = (expected: string): Recognised => ({ kind: 'instead', expected });

export function recognise(head: Buffer): Recognised {
  if (head.length > 4 && head[0] === 0 && head[1] === 0) return { kind: 'gatling-binary' };
  if (head[0] === 0x1f && head[1] === 0x8b) return instead('the report unpacked: `gzip -d`');
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (/^[^\n]{0,40}\0/.test(text) || text.includes('\u0006Result\u0001')) {
    return instead('text: of vegeta what `vegeta encode --to json` or `vegeta report -type=json` writes');
  }
  const start = text.trimStart();
  if (start.startsWith('<')) return recogniseXml(start);
  const [first = ''] = start.split(/\r?\n/, 1);
  if (start.startsWith('{')) return recogniseObject(first);
  if (/^\[\s*[{\]]/.test(start)) return { kind: 'document' };
  return recogniseText(first, start);
}

function recogniseXml(start: string): Recognised {
  return /^(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)*<(testResults|!DOCTYPE)/.test(start)
    ? { kind: 'jtl-xml' }
    : { kind: 'unknown' };
}

function recogniseObject(first: string): Recognised {
  if (/^\{.*"type":"(Metric|Point)"/.test(first)) return { kind: 'k6-points' };
  if (/^\{"attack":/.test(first)) return { kind: 'vegeta-json' };
  return { kind: 'document' };
}

function recogniseText(first: string, start: string): Recognised {
  if (/^Running \S+ test @ /.test(first)) return { kind: 'wrk' };
  if (/^Summary:\s*\n\s+Total:/.test(start)) return { kind: 'hey' };
  if (/^(RUN|ASSERTION)\t/.test(first)) return { kind: 'gatling-text' };
  if (/^\d{16,20},\d{1,3},\d+,/.test(first)) return { kind: 'vegeta-csv' };
  if (first.startsWith('Type,Name,Request Count,')) return { kind: 'locust-stats' };
  const delimiter = jtlDelimiter(first);
  return delimiter === null ? recogniseOther(first) : { kind: 'jtl-csv', delimiter };
}

const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^(Timestamp,User Count,|Method,Name,Error,|Count,Message,Traceback)/,
    "Locust's `…_stats.csv`: its history and failures are read beside it",
  ],
  [
    /^response-time,DNS\+dialup,/,
    'the text of hey, without `-o csv`: the CSV leaves out every request that got no answer',
  ],
  [/^metric_name,timestamp,/, 'the output of k6 with `--out json=…` instead of csv'],
  [/^\d{13}\D\d+\D/, 'a JTL with its header: set jmeter.save.saveservice.print_field_names=true'],
  [/^Requests\s+\[total, rate, throughput\]/, 'what `vegeta report -type=json` writes'],
];

function recogniseOther(first: string): Recognised {
  const found = OTHERS.find(([pattern]) => pattern.test(first));
  return found === undefined ? { kind: 'unknown' } : instead(found[1]);
}
