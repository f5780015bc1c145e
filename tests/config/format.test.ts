import { describe, expect, test } from 'vitest';
import { formatProblems, type Problem, parseConfig } from '../../src/config/read.ts';
import { schema, VALID } from './registered.ts';

function problems(text: string): readonly Problem[] {
  const parsed = parseConfig(text, 'deploy-canary.yml', schema);
  return parsed.ok ? [] : parsed.problems;
}

describe('problems are told as a compiler tells them', () => {
  test('place, path, the three parts, then the line with a caret', () => {
    const text = VALID.replace("'> 2 %'", "'< 2 %'")
      .replace('trafic', 'traffic')
      .replace('for: 5m', 'fro: 5m');
    expect(formatProblems(problems(text))).toBe(
      [
        "deploy-canary.yml:9:12  kpis[0].alert  expected an alert with `>`: the limits speak of the `bad` share, saw '< 2 %'; write '> 2 %', or count `good` events",
        "    9 |     alert: '< 2 %'",
        '      |            ^^^^^^^',
        '',
        'deploy-canary.yml:10:5  kpis[0].fro  expected a key that is known here, saw `fro`; did you mean `for`?',
        '   10 |     fro: 5m',
        '      |     ^^^',
      ].join('\n'),
    );
  });

  test('the caret stands under the character of a selector that cannot be read', () => {
    const text = VALID.replace('total: http_requests_total', 'total: \'http_requests_total{code~"5.."}\'');
    const [, source, caret] = formatProblems(problems(text)).split('\n');
    expect(source?.slice(caret?.indexOf('^'))).toBe('~"5.."}\'');
  });

  test('the caret stays in place after tabs', () => {
    const [, source, caret] = formatProblems(problems(VALID.replace('  - id: error', '\t- id: error'))).split(
      '\n',
    );
    expect([source, caret]).toEqual(['    4 | \t- id: error-rate', '      | ^']);
  });

  test('of a long line only the part around the problem is shown', () => {
    const many = Array.from({ length: 40 }, (_, at) => `series_number_${at}`).join(', ');
    const [, source = '', caret] = formatProblems(
      problems(VALID.replace('total: http_requests_total', `total: [${many}, 5, ${many}]`)),
    ).split('\n');
    expect(source.length).toBeLessThan(130);
    expect(source).toMatch(/^ {4}7 \| ….*….*$|^ {4}7 \| ….*…$/);
    expect(source.slice(caret?.indexOf('^'))).toMatch(/^5, series/);
  });

  test('what was seen stays on one line, however it was written', () => {
    const text = VALID.replace('for: 5m', 'for: "5m\\n::error::pwned\\u2028x"');
    expect(problems(text)[0]?.seen).toBe("'5m ::error::pwned x'");
  });
});

describe('a secret that was pasted into the config does not reach the log', () => {
  const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ456789';

  test.each([
    ['in place of the name of its variable', 'type: embedded', `type: embedded, token-env: ${secret}`],
    ['in quotes', 'type: embedded', `type: embedded, token-env: '${secret}'`],
    ['under a key that does not exist', 'traffic: http', `api-token: ${secret}\ntraffic: http`],
    ['in a URL', 'http://127.0.0.1:9001', `ftp://me:${secret}@[host`],
  ])('%s', (_, from, to) => {
    const told = problems(VALID.replace(from, to));
    expect(told).not.toEqual([]);
    expect(JSON.stringify(told) + formatProblems(told)).not.toContain(secret.slice(4));
  });

  test('the name of a variable is shown', () => {
    const [told] = problems(VALID.replace('type: embedded', 'type: embedded, token-evn: ROUTER_TOKEN'));
    expect(told?.source).toContain('ROUTER_TOKEN');
  });
});
