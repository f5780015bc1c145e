import fc from 'fast-check';
import type { RegistryContentType } from 'prom-client';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { ExpositionFormat } from '../../../../src/adapters/metrics/scrape/exposition.ts';
import { ExpositionError, parseExposition } from '../../../../src/adapters/metrics/scrape/exposition.ts';
import type { Series } from '../../../../src/adapters/metrics/series.ts';

const CLASSIC = String.raw`# HELP http_requests_total All "requests", with a \\ and a \n.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400",}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
  something_weird{problem="division by zero"} +Inf -3982045
#plain comment
# TYPE rpc_seconds histogram
rpc_seconds_bucket { le = "0.05" , kind="é😀" } 24054
rpc_seconds_bucket{le="+Inf"} 144320
rpc_seconds_sum 5.34e+03
rpc_seconds_count 144320
odd{} NaN
odder{path="C:\new"} -.5
`;

const OPENMETRICS = String.raw`# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency of all requests.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
acme_http_router_request_seconds_count{path="/api/v1",method="GET"} 807283.0 1604000000.5
acme_http_router_request_seconds_created{path="/api/v1",method="GET"} 1605281325.0
# TYPE foo histogram
foo_bucket{le="0.1"} 8.0 # {} 0.054
foo_bucket{le="1.0"} 10.0 # {trace_id="a#\"b"} 0.67 1520879607.789
foo_bucket{le="+Inf"} 17.0 1520879608 # {id="x"} 9.8
# TYPE bar counter
bar_total 4
# EOF
`;

/** What the parser says of a text that it refuses. */
function refusal(text: string, format: ExpositionFormat = 'classic'): string {
  try {
    parseExposition(text, format);
  } catch (error) {
    expect(error).toBeInstanceOf(ExpositionError);
    return error instanceof Error ? error.message : '';
  }
  return 'read';
}

function plain(series: readonly Series[]): readonly unknown[] {
  return series.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);
}

describe('reading classic text', () => {
  it('understands every shape of the format', () => {
    expect(plain(parseExposition(CLASSIC, 'classic'))).toEqual([
      ['http_requests_total', { method: 'post', code: '200' }, 1027],
      ['http_requests_total', { method: 'post', code: '400' }, 3],
      [
        'msdos_file_access_time_seconds',
        { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
        1.458255915e9,
      ],
      ['metric_without_timestamp_and_labels', {}, 12.47],
      ['something_weird', { problem: 'division by zero' }, Number.POSITIVE_INFINITY],
      ['rpc_seconds_bucket', { le: '0.05', kind: 'é😀' }, 24054],
      ['rpc_seconds_bucket', { le: '+Inf' }, 144320],
      ['rpc_seconds_sum', {}, 5340],
      ['rpc_seconds_count', {}, 144320],
      ['odd', {}, Number.NaN],
      ['odder', { path: 'C:\new' }, -0.5],
    ]);
  });

  it.each([
    ['NaN', Number.NaN],
    ['Nan', Number.NaN],
    ['nan', Number.NaN],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ['inf', Number.POSITIVE_INFINITY],
    ['1.', 1],
    ['.5', 0.5],
    ['+1e-3', 0.001],
    ['-0', -0],
  ])('reads the value %s', (text, value) => {
    expect(parseExposition(`x ${text}\n`, 'classic')[0]?.value).toBe(value);
  });

  it('reads nothing from an empty answer', () => {
    expect(parseExposition('', 'classic')).toEqual([]);
    expect(parseExposition('\n\n', 'classic')).toEqual([]);
  });

  it.each([
    ['<html>\n', 'line 1: expected a metric name, a comment or an empty line, saw "<html>"'],
    ['{"status":"ok"}\n', 'line 1: expected a metric name'],
    ['x 1\n5xx 2\n', 'line 2: expected a metric name'],
    ['x\n', 'line 1: expected a value such as 12, 0.5, +Inf or NaN, saw the end'],
    ['x one\n', 'line 1: expected a value such as'],
    ['x 0x10\n', 'line 1: expected a value'],
    ['x 1_000\n', 'line 1: expected a value'],
    [`x ${'1'.repeat(65)}\n`, 'line 1: expected a value'],
    ['x 1 yesterday\n', 'line 1: expected a timestamp or the end of the line, saw "yesterday"'],
    ['x 1 1.5\n', 'line 1: expected a timestamp in whole milliseconds, saw "1.5"'],
    ['x 1 2 3\n', 'line 1: expected the end of the line, saw "3"'],
    ['x 1 # {a="b"} 1\n', 'line 1: expected the end of the line, saw "# {'],
    ['x 1\r\n', 'line 1: expected a value'],
    ['x{a="1"\n', 'line 1: expected a comma or the closing brace, saw the end'],
    ['x{a="1" b="2"} 1\n', 'line 1: expected a comma or the closing brace, saw "b='],
    ['x{a="1",a="2"} 1\n', 'line 1: expected the label a only once'],
    ['x{a} 1\n', 'line 1: expected = after the label a'],
    ['x{a=1} 1\n', 'line 1: expected a label value in double quotes'],
    ['x{a="1} 1\n', 'line 1: expected a label value that ends in a double quote'],
    ['x{a="1\\"} 1\n', 'line 1: expected a label value that ends in a double quote'],
    ['x{a="1\\', 'line 1: expected a line feed at the end of the last line'],
    ['x{,} 1\n', 'line 1: expected a label name or the closing brace, saw ",}'],
    ['x{a:b="1"} 1\n', 'line 1: expected = after the label a'],
    ['x 1\ny 12', 'line 2: expected a line feed at the end of the last line, saw the end'],
    ['# TYPE x speed\n', 'line 1: expected one of counter, gauge, histogram, summary, untyped, saw "speed"'],
    ['# TYPE x info\n', 'line 1: expected one of counter'],
    ['# TYPE 5x counter\n', 'line 1: expected a metric name after # TYPE'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toContain(message);
  });
});

describe('reading OpenMetrics text', () => {
  it('understands suffixes, exemplars, timestamps and the end', () => {
    expect(plain(parseExposition(OPENMETRICS, 'openmetrics'))).toEqual([
      ['acme_http_router_request_seconds_sum', { path: '/api/v1', method: 'GET' }, 9036.32],
      ['acme_http_router_request_seconds_count', { path: '/api/v1', method: 'GET' }, 807283],
      ['acme_http_router_request_seconds_created', { path: '/api/v1', method: 'GET' }, 1605281325],
      ['foo_bucket', { le: '0.1' }, 8],
      ['foo_bucket', { le: '1.0' }, 10],
      ['foo_bucket', { le: '+Inf' }, 17],
      ['bar_total', {}, 4],
    ]);
  });

  it('needs no line feed after the end', () => {
    expect(parseExposition('x 1\n# EOF', 'openmetrics')).toHaveLength(1);
  });

  it.each([
    ['x 1\n', 'line 2: expected # EOF as the last line, saw the end'],
    ['', 'line 1: expected # EOF'],
    ['# EOF\nx 1\n', 'line 2: expected nothing after # EOF, saw "x 1"'],
    ['# EOF\n\n', 'line 2: expected nothing after # EOF'],
    ['x 1 # 5\n# EOF\n', 'line 1: expected the labels of an exemplar, saw "5"'],
    ['x 1 # {}\n# EOF\n', 'line 1: expected the value of an exemplar, saw the end'],
    ['x 1 # {a="b"} 1 2 3\n# EOF\n', 'line 1: expected the end of the line, saw "3"'],
    ['# TYPE x speed\n# EOF\n', 'line 1: expected one of counter'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text, 'openmetrics')).toContain(message);
  });

  it('refuses a text cut off at any byte', () => {
    const bytes = new TextEncoder().encode(OPENMETRICS);
    for (let length = 0; length < bytes.length - 1; length += 1) {
      const cut = new TextDecoder().decode(bytes.subarray(0, length));
      expect(refusal(cut, 'openmetrics')).toMatch(/^line \d+: expected /);
    }
  });
});

describe('a text cut off', () => {
  it('is refused unless the cut is at the end of a line, where the lines before are read', () => {
    const bytes = new TextEncoder().encode(CLASSIC);
    const whole = parseExposition(CLASSIC, 'classic');
    for (let length = 0; length <= bytes.length; length += 1) {
      const cut = new TextDecoder().decode(bytes.subarray(0, length));
      if (cut === '' || cut.endsWith('\n')) {
        const series = parseExposition(cut, 'classic');
        expect(plain(series)).toEqual(plain(whole.slice(0, series.length)));
      } else {
        expect(refusal(cut)).toMatch(/^line \d+: expected /);
      }
    }
  });
});

describe('any text', () => {
  const nearMetrics = fc.string({ unit: fc.constantFrom(...'ax1{}=",\\# \n\t.TYPEOF') });

  it('is read or refused with its line, never anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), nearMetrics),
        fc.constantFrom<ExpositionFormat>('classic', 'openmetrics'),
        (text, format) => {
          expect(refusal(text, format)).toMatch(/^(read|line \d+: expected .+, saw .+)$/s);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is refused quickly even when it is one endless number or label', () => {
    const million = 'a'.repeat(1_000_000);
    expect(refusal(`x ${'1'.repeat(1_000_000)}x\n`)).toContain('expected a value');
    expect(parseExposition(`x{a="${'\\\\'.repeat(500_000)}",b="${million}"} 1\n`, 'classic')).toHaveLength(1);
    expect(refusal(`x{a="${million}`)).toContain('line feed');
  });
});

describe('what a client writes', () => {
  const series = fc.record({
    name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/),
    labels: fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,6}$/), fc.string({ unit: 'binary' })),
      { selector: ([label]) => label, maxLength: 4 },
    ),
    value: fc.double(),
    time: fc.option(fc.integer()),
    blanks: fc.constantFrom(' ', '  ', '\t'),
    comma: fc.boolean(),
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(
        fc.array(series),
        fc.constantFrom<ExpositionFormat>('classic', 'openmetrics'),
        (all, format) => {
          const lines = all.map(({ name, labels, value, time, blanks, comma }) => {
            const pairs = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`);
            const braces =
              pairs.length > 0 || comma ? `{${pairs.join(',')}${pairs.length > 0 ? ',' : ''}}` : '';
            return `${name}${braces}${blanks}${numberText(value)}${time === null ? '' : `${blanks}${time}`}\n`;
          });
          const text = `# TYPE a counter\n${lines.join('')}${format === 'openmetrics' ? '# EOF\n' : ''}`;
          const expected = all.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);
          expect(plain(parseExposition(text, format))).toEqual(expected);
        },
      ),
    );
  });

  it.each(['classic', 'openmetrics'] as const)('reads all that prom-client writes as %s', async (format) => {
    const registry = new Registry<RegistryContentType>();
    if (format === 'openmetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const registers = [registry];
    new Counter({ name: 'c_total', help: 'with "quotes"\nand \\', labelNames: ['l'], registers }).inc({
      l: 'a"b\\c\nd',
    });
    new Counter({ name: 'empty_total', help: 'no child yet', labelNames: ['l'], registers });
    new Gauge({ name: 'g', help: 'h', registers }).set(Number.NaN);
    const exemplars = format === 'openmetrics';
    const histogram = new Histogram({
      name: 'h',
      help: 'h',
      registers: [registry],
      buckets: [0.1, 1],
      enableExemplars: exemplars,
    });
    if (exemplars) histogram.observe({ value: 0.5, labels: {}, exemplarLabels: { trace: 'x"y' } });
    else histogram.observe(0.5);
    new Summary({ name: 's', help: 'h', registers, percentiles: [0.5] }).observe(3);
    expect(plain(parseExposition(await registry.metrics(), format))).toEqual([
      ['c_total', { l: 'a"b\\c\nd' }, 1],
      ['g', {}, Number.NaN],
      ['h_bucket', { le: '0.1' }, 0],
      ['h_bucket', { le: '1' }, 1],
      ['h_bucket', { le: '+Inf' }, 1],
      ['h_sum', {}, 0.5],
      ['h_count', {}, 1],
      ['s', { quantile: '0.5' }, 3],
      ['s_sum', {}, 3],
      ['s_count', {}, 1],
    ]);
  });
});

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
}
