import { describe, expect, it, onTestFinished } from 'vitest';
import {
  documentFor,
  nrqlOf,
  queriesFor,
  understand,
} from '../../../../src/adapters/metrics/newrelic/nrql.ts';
import { wantsOf } from '../../../../src/adapters/metrics/wants.ts';
import type { MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { ACCOUNT, startNerdGraph } from '../../../support/newrelic/nerdgraph.ts';

const START = 1_699_999_980_000;
const SPAN = { from: START, to: START + 60_000, period: 30_000 };
const SPEC: MetricsSpec = {
  sources: [
    {
      id: 'errors',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('requests{code=~"5..",route="/bookings"}')],
      total: [selector('requests')],
    },
    { id: 'latency', scope: 'per-arm', type: 'histogram', histogram: selector('seconds'), scale: 1_000 },
    { id: 'pool', scope: 'shared', type: 'gauge', value: selector('pool'), dividedBy: null, scale: 1 },
    {
      id: 'jobs',
      scope: 'shared',
      type: 'events',
      bad: [selector('jobs{state="failed"}')],
      total: [selector('jobs')],
    },
  ],
  traffic: null,
};
const ATTRIBUTION = {
  slotAttribute: 'app.version',
  slots: { a: 'v1', b: "it's" },
  where: "appName = 'booking'",
  series: {
    requests: {
      from: 'Transaction',
      value: null,
      where: 'transactionType IS NOT NULL',
      labels: { code: 'httpResponseCode' },
      bounds: [],
    },
    seconds: { from: 'Transaction', value: 'duration', where: null, labels: {}, bounds: [0.3, 0.8] },
  },
} as const;
const ASKED = queriesFor(wantsOf(SPEC), ATTRIBUTION);

async function nerdGraph() {
  const server = await startNerdGraph({ now: () => START });
  onTestFinished(server.stop);
  const post = async (body: unknown): Promise<unknown> => {
    const headers = { 'api-key': 'NRAK-SECRET', 'content-type': 'application/json' };
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return response.json();
  };
  return { ...server, post };
}

describe('the queries', () => {
  it('are what a user would write', () => {
    const time = `TIMESERIES 30 seconds SINCE ${START} UNTIL ${START + 60_000}`;
    const own = "WHERE (appName = 'booking') AND";
    expect(ASKED.map((one) => nrqlOf(one, SPAN))).toEqual([
      `SELECT count(*) AS 'v' FROM Transaction ${own} (transactionType IS NOT NULL) AND \`app.version\` IN ('v1', 'it\\'s') FACET \`app.version\`, httpResponseCode, route LIMIT 1000 ${time}`,
      `SELECT count(duration) AS 'v', filter(count(duration), WHERE duration <= 0.3) AS 'b0', filter(count(duration), WHERE duration <= 0.8) AS 'b1' FROM Transaction ${own} \`app.version\` IN ('v1', 'it\\'s') FACET \`app.version\` LIMIT 1000 ${time}`,
      `SELECT max(pool) AS 'v' FROM Metric WHERE (appName = 'booking') ${time}`,
      `SELECT sum(jobs) AS 'v' FROM Metric WHERE (appName = 'booking') FACET state LIMIT 1000 ${time}`,
    ]);
  });

  it('fit the schema of NerdGraph, all in one document', async () => {
    const { post } = await nerdGraph();
    const asked = ASKED.filter(({ text }) => !text.includes('IS NOT NULL'));
    const answer = await post(documentFor(asked, SPAN, ACCOUNT));
    expect(answer).toMatchObject({ data: { actor: { account: { q0: { results: [] }, q1: {}, q2: {} } } } });
    expect(answer).not.toHaveProperty('errors');
  });

  it.each([
    ['a field that is not there', (text: string) => text.replace('results', 'rows'), {}],
    ['a variable of another type', (text: string) => text, { account: 'many' }],
    ['an argument that is not there', (text: string) => text.replace('query:', 'nrql:'), {}],
    ['a variable that is missing', (text: string) => text, { q0: null }],
  ])('would be refused with %s', async (_, change, variables) => {
    const { post } = await nerdGraph();
    const document = documentFor(ASKED.slice(1), SPAN, ACCOUNT);
    const body = { query: change(document.query), variables: { ...document.variables, ...variables } };
    expect(await post(body)).toHaveProperty('errors.0.message');
  });
});

describe('an answer', () => {
  const [, , , jobs] = ASKED;
  if (jobs === undefined) throw new Error('no query for jobs');
  const row = (facet: unknown, own = {}) => ({
    beginTimeSeconds: START / 1_000,
    endTimeSeconds: START / 1_000 + 30,
    facet,
    v: 1,
    ...own,
  });
  const read = (results: readonly unknown[]) =>
    understand({ results, metadata: null }, jobs, SPAN, ATTRIBUTION);

  it('keeps groups apart, numbers among them', () => {
    const later = { beginTimeSeconds: START / 1_000 + 30, endTimeSeconds: START / 1_000 + 60, v: 4 };
    const told = read([row('failed'), row(['done'], { v: 2 }), row('failed', later), row(7, { v: null })]);
    expect(told).toMatchObject({
      kind: 'reads',
      reads: [
        {
          labels: new Map([['state', 'failed']]),
          points: [
            { at: START, value: 1 },
            { at: START + 30_000, value: 4 },
          ],
        },
        { labels: new Map([['state', 'done']]), points: [{ at: START, value: 2 }] },
        { labels: new Map([['state', '7']]), points: [] },
      ],
    });
  });

  it('with as many groups as it may give is an error: some may be missing', () => {
    const groups = Array.from({ length: 1_000 }, (_, index) => row(`state ${index}`));
    expect(read(groups.slice(1))).toMatchObject({ kind: 'reads' });
    expect(read(groups)).toEqual({ kind: 'error', why: '1000 groups, which may not be all' });
  });
});
