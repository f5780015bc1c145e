/** Writes reports of the tools from requests, so that what is read can be compared with what was. */
export interface Sent {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whole milliseconds. */
  readonly took: number;
  readonly status: number;
}

const isFailed = ({ status }: Sent): boolean => status >= 400;
const NANOSECONDS = 1_000_000n;

export function k6Points(sent: readonly Sent[]): string {
  return sent.map((one) => k6Request(one)).join('');
}

function k6Request(one: Sent): string {
  const tags = {
    expected_response: String(!isFailed(one)),
    status: String(one.status),
    name: 'quotes',
    scenario: 'all',
  };
  const time = new Date(one.at + one.took).toISOString();
  const point = (metric: string, value: number): string =>
    `${JSON.stringify({ metric, type: 'Point', data: { time, value, tags } })}\n`;
  return [
    point('http_reqs', 1),
    point('http_req_duration', one.took),
    point('http_req_blocked', 0.1),
    point('http_req_waiting', one.took),
    point('http_req_failed', isFailed(one) ? 1 : 0),
  ].join('');
}

const JTL_COLUMNS = [
  'timeStamp',
  'elapsed',
  'label',
  'responseCode',
  'responseMessage',
  'threadName',
  'success',
  'Latency',
] as const;

export interface JtlStyle {
  readonly delimiter: string;
  /** A column to begin with; the others follow, and go round. */
  readonly first: number;
  readonly label: string;
}

export const PLAIN: JtlStyle = { delimiter: ',', first: 0, label: 'quotes' };

export function jtlCsv(sent: readonly Sent[], { delimiter, first, label }: JtlStyle = PLAIN): string {
  const columns = JTL_COLUMNS.map((_, index) => JTL_COLUMNS[(index + first) % JTL_COLUMNS.length] ?? 'label');
  const rows = sent.map((one, index) => {
    const cells: Readonly<Record<string, string>> = {
      timeStamp: String(one.at),
      elapsed: String(one.took),
      label,
      responseCode: String(one.status),
      responseMessage: isFailed(one) ? 'Service\nUnavailable' : 'OK',
      threadName: `Guests 1-${index % 3}`,
      success: String(!isFailed(one)),
      Latency: '0',
    };
    return columns.map((column) => quoted(cells[column] ?? '', delimiter)).join(delimiter);
  });
  return `${[columns.join(delimiter), ...rows].join('\n')}\n`;
}

function quoted(cell: string, delimiter: string): string {
  return /["\n\r]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function jtlXml(sent: readonly Sent[], label = 'quotes'): string {
  const escaped = label.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const samples = sent.map((one, index) => {
    const attributes = `t="${one.took}" it="0" lt="0" ts="${one.at}" s="${!isFailed(one)}" lb="${escaped}"`;
    const rest = `rc="${one.status}" rm="OK" tn="Guests 1-${index % 3}"`;
    return `<httpSample ${attributes} ${rest}>\n  <java.net.URL>http://service.example/</java.net.URL>\n</httpSample>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n${samples.join('')}\n</testResults>\n`;
}

export function vegetaJson(sent: readonly Sent[]): string {
  return sent
    .map((one, seq) => {
      const result = {
        attack: '',
        seq,
        code: one.status,
        timestamp: new Date(one.at).toISOString(),
        latency: one.took * Number(NANOSECONDS),
        error: isFailed(one) ? `${one.status} Service Unavailable` : '',
      };
      return `${JSON.stringify(result)}\n`;
    })
    .join('');
}

export function vegetaCsv(sent: readonly Sent[]): string {
  return sent
    .map((one, seq) => {
      const error = isFailed(one) ? `"${one.status} ""no"", sorry"` : '';
      const took = BigInt(one.took) * NANOSECONDS;
      return `${BigInt(one.at) * NANOSECONDS},${one.status},${took},0,11,${error},,,${seq},GET,http://service.example/,\n`;
    })
    .join('');
}

export function gatlingText(sent: readonly Sent[]): string {
  const start = Math.min(...sent.map(({ at }) => at));
  const requests = sent.map((one) => {
    const outcome = isFailed(one) ? `KO\tfound ${one.status}` : 'OK\t ';
    return `REQUEST\t\tquotes\t${one.at}\t${one.at + one.took}\t${outcome}\n`;
  });
  return [
    `RUN\tBooking\tbooking\t${start}\t \t3.10.5\n`,
    `USER\tGuests\tSTART\t${start}\n`,
    ...requests,
  ].join('');
}

export function gatlingBinary(sent: readonly Sent[]): Buffer {
  const start = Math.min(...sent.map(({ at }) => at));
  const texts = new Map<string, number>();
  const cached = (text: string): Buffer => {
    const known = texts.get(text);
    if (known !== undefined) return int(-known);
    texts.set(text, texts.size + 1);
    return Buffer.concat([int(texts.size), javaText(text)]);
  };
  const requests = sent.flatMap((one) => [
    Buffer.from([1]),
    int(0),
    cached('quotes'),
    int(one.at - start),
    int(one.at - start + one.took),
    Buffer.from([isFailed(one) ? 0 : 1]),
    cached(isFailed(one) ? `found ${one.status} → no` : ''),
  ]);
  return Buffer.concat([gatlingHead(start), ...requests]);
}

/** The record with which a binary log begins. */
export function gatlingHead(start: number): Buffer {
  const begin = Buffer.alloc(8);
  begin.writeBigInt64BE(BigInt(start));
  const texts = [
    javaText('3.14.3'),
    javaText('Booking'),
    begin,
    javaText(''),
    int(1),
    javaText('Gäste'),
    int(0),
  ];
  return Buffer.concat([Buffer.from([0]), ...texts]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** As Java keeps it: Latin-1 where that is enough, else UTF-16. */
function javaText(text: string): Buffer {
  if (text === '') return int(0);
  const isLatin = [...text].every((character) => character.charCodeAt(0) < 256);
  const bytes = Buffer.from(text, isLatin ? 'latin1' : 'utf16le');
  return Buffer.concat([int(bytes.length), bytes, Buffer.from([isLatin ? 0 : 1])]);
}
