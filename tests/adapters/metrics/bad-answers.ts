import type { Answer } from '../../support/http-server.ts';
import { type CLOUDS, PERIOD, START } from './asking-clouds.ts';

export const said = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers,
  body,
});
const json = (body: unknown): Answer => said(200, JSON.stringify(body));

/** What any of them may be answered by what is in between: a proxy, a gateway, a broken server. */
export const ANYWHERE: readonly (readonly [string, Answer, RegExp])[] = [
  ['401', said(401, 'no'), /expected status 200, saw 401 \(no\); check .*key|role/],
  ['403', said(403, '{"errors":["Forbidden"]}'), /saw 403 \(.*Forbidden.*\); check /],
  ['404', said(404, '404 page\n not found'), /saw 404 \(404 page not found\); check the entry of/],
  ['500', said(500, 'oh no'), /saw 500 \(oh no\); see the status page of/],
  ['503 without a word', said(503, ''), /saw 503; see the status page of/],
  [
    'a redirect',
    said(302, '', { location: 'http://127.0.0.1:1/' }),
    /saw 302; give the url that it redirects to/,
  ],
  [
    '429 with Retry-After',
    said(429, '', { 'retry-after': '12' }),
    /saw 429; it is left alone for 12s; lengthen/,
  ],
  ['a login page', said(200, '<html>login</html>'), /saw no JSON \("<html>login<\/html>"\)/],
  ['nothing', said(200, ''), /saw no JSON \(""\)/],
  ['another JSON', said(200, '[]'), /expected an answer of .*, saw /],
];

const result = (own: Readonly<Record<string, unknown>>) => ({
  Id: 'q3',
  StatusCode: 'Complete',
  Timestamps: [],
  Values: [],
  ...own,
});
const others = ['q0', 'q1', 'q2'].map((Id) => result({ Id }));
const aws = (status: number, type: string, message: string): Answer =>
  said(status, JSON.stringify({ __type: `com.amazonaws.cloudwatch#${type}`, message }));
const attributes = { series: [{ group_tags: ['slot:b'], query_index: 1 }], times: [START], values: [[1]] };
const rows = (...results: readonly unknown[]) => ({ results, metadata: { messages: [] } });
const account = (q1: unknown) => json({ data: { actor: { account: { q0: rows(), q1 } } } });
const row = { beginTimeSeconds: START / 1_000, endTimeSeconds: START / 1_000 + 60, facet: 'b', v: 1 };

export const OWN: Readonly<Record<keyof typeof CLOUDS, readonly (readonly [string, Answer, RegExp])[]>> = {
  datadog: [
    [
      '429 with its own header',
      said(429, '{"errors":["Rate limit"]}', { 'x-ratelimit-reset': '37' }),
      /left alone for 37s/,
    ],
    [
      'an error beside data',
      json({ data: { attributes }, errors: 'shard 3 timed out' }),
      /saw errors \(shard 3 timed out\)/,
    ],
    ['errors alone', json({ errors: ['no such metric'] }), /saw errors \(no such metric\)/],
    [
      'fewer rows than series',
      json({ data: { attributes: { ...attributes, values: [] } } }),
      /0 rows of values for 1 series/,
    ],
    [
      'a row that is cut',
      json({ data: { attributes: { ...attributes, values: [[]] } } }),
      /1 rows of values/,
    ],
    [
      'a series that is not asked for',
      json({ data: { attributes: { ...attributes, series: [{ query_index: 9 }] } } }),
      /not asked for/,
    ],
    [
      'a slot that is not asked for',
      json({ data: { attributes: { ...attributes, series: [{ group_tags: ['slot:c'], query_index: 1 }] } } }),
      /not asked for/,
    ],
    [
      'a longer interval',
      json({ data: { attributes: { ...attributes, times: [START + PERIOD + 5_000] } } }),
      /expected buckets of 60s/,
    ],
    [
      'text for a number',
      json({ data: { attributes: { ...attributes, values: [['1']] } } }),
      /something else at data.attributes.values/,
    ],
  ],
  cloudwatch: [
    [
      'throttling',
      aws(400, 'ThrottlingException', 'Rate exceeded'),
      /saw 400 \(.*Rate exceeded.*\); it is left alone for 10s/,
    ],
    [
      'a key it does not know',
      aws(403, 'UnrecognizedClientException', 'invalid token'),
      /saw 403 .*check region, and that the role may do/,
    ],
    [
      'a role without the right',
      aws(400, 'AccessDeniedException', 'not authorized'),
      /not authorized.*check region, and that the role/,
    ],
    [
      'a clock that is wrong',
      aws(400, 'InvalidSignatureException', 'Signature expired: 2027 is now earlier'),
      /set the clock of the runner/,
    ],
    [
      'a request that is wrong',
      aws(400, 'InvalidParameterValueException', 'Period'),
      /saw 400 .*check the entry of CloudWatch/,
    ],
    [
      'PartialData without more',
      json({ MetricDataResults: [...others, result({ StatusCode: 'PartialData' })] }),
      /saw PartialData for shop All/,
    ],
    [
      'InternalError',
      json({ MetricDataResults: [...others, result({ StatusCode: 'InternalError' })] }),
      /saw InternalError for shop All/,
    ],
    [
      'Forbidden',
      json({
        MetricDataResults: [
          ...others,
          result({ StatusCode: 'Forbidden', Messages: [{ Code: 'Forbidden', Value: 'cross region' }] }),
        ],
      }),
      /saw Forbidden for shop All \(Forbidden: cross region\)/,
    ],
    ['nothing for a query', json({ MetricDataResults: others }), /saw nothing for shop All/],
    [
      'a message about all',
      json({
        MetricDataResults: [...others, result({})],
        Messages: [{ Code: 'MaxMetrics', Value: 'exceeded' }],
      }),
      /saw MaxMetrics: exceeded/,
    ],
    [
      'values without times',
      json({ MetricDataResults: [...others, result({ Values: [1] })] }),
      /values without a time/,
    ],
    [
      'a bucket between two',
      json({ MetricDataResults: [...others, result({ Values: [1], Timestamps: [START / 1_000 + 61.5] })] }),
      /expected buckets of 60s/,
    ],
  ],
  newrelic: [
    [
      'errors with status 200',
      json({
        errors: [{ message: 'NRQL Syntax Error', extensions: { errorClass: 'SERVER_ERROR' } }],
        data: { actor: { account: null } },
      }),
      /saw errors \(SERVER_ERROR: NRQL Syntax Error\); run the query/,
    ],
    [
      'errors beside data',
      json({
        errors: [{ message: 'NRDB:1106 timed out' }],
        data: { actor: { account: { q0: rows(), q1: rows(row) } } },
      }),
      /NRDB:1106 timed out/,
    ],
    [
      'too many requests',
      json({ errors: [{ message: 'slow down', extensions: { errorClass: 'TOO_MANY_REQUESTS' } }] }),
      /left alone for 1m/,
    ],
    [
      'another account',
      json({ errors: [{ message: 'Access denied.', extensions: { errorClass: 'ACCESS_DENIED' } }] }),
      /check region, account and the key/,
    ],
    ['no account', json({ data: { actor: { account: null } } }), /no such account/],
    ['null for a query', account(null), /saw something else at results for all/],
    [
      'a message',
      account({ ...rows(row), metadata: { messages: ['results are partial'] } }),
      /saw results are partial for all/,
    ],
    [
      'a longer bucket',
      account(rows({ ...row, endTimeSeconds: row.endTimeSeconds + 60 })),
      /saw a bucket of 120s/,
    ],
    [
      'a slot that is not asked for',
      account(rows({ ...row, facet: 'c' })),
      /a slot that it was not asked for \(c\)/,
    ],
    ['a group that is not asked for', account(rows({ ...row, facet: ['b', 'x'] })), /a row of another group/],
    [
      'text for a number',
      account(
        rows({
          ...row,
          beginTimeSeconds: START / 1_000 + 60,
          endTimeSeconds: START / 1_000 + 120,
          v: 'many',
        }),
      ),
      /saw NaN/,
    ],
  ],
};
