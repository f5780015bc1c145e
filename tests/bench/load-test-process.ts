import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process of the load-test bench does: serve, or make the same load with and without us. Says in JSON what came of it. */
interface Order {
  readonly as: 'service' | 'generators';
  readonly url: string;
  readonly pairs: number;
  /** Requests a second; null for as many as go. */
  readonly rate: number | null;
  readonly seconds: number;
}

const CONNECTIONS = 20;
const order: Order = JSON.parse(process.argv[2] ?? '{}');
const say = (told: unknown): void => void process.stdout.write(`${JSON.stringify(told)}\n`);

function serve(): void {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/health' ? '{"version":"v2"}' : '{"booked":true}');
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') say({ url: `http://127.0.0.1:${address.port}` });
  });
}

async function alone({ url, rate, seconds }: Order): Promise<number> {
  const { default: autocannon } = await import('autocannon');
  const paced = rate === null ? {} : { overallRate: rate };
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, ...paced });
  return result.requests.total / result.duration;
}

async function ours({ url, rate, seconds }: Order): Promise<number> {
  const { runLoadTest } = await import('../../src/wire-load-test.ts');
  const folder = mkdtempSync(join(tmpdir(), 'dc-bench-load-'));
  const pace = rate === null ? 'loop: closed' : `rate: ${rate}`;
  writeFileSync(
    join(folder, 'deploy-canary.yml'),
    `version: 1
service: booking-api
load-tests:
  bench:
    generate: { type: autocannon, url: "${url}/", connections: ${CONNECTIONS}, duration: ${seconds}s, ${pace} }
    normal: 1 rps
    hold: 1s
    version: { url: "${url}/health", field: version }
`,
  );
  const quiet = { mask: () => undefined, log: () => undefined };
  const setting = {
    ...quiet,
    config: 'deploy-canary.yml',
    environment: 'bench',
    loadTest: 'bench',
    subject: SUBJECT,
    baseDir: folder,
    env: {},
    fence: () => ({ line: () => undefined, lift: () => undefined }),
  };
  const run = await runLoadTest(setting, new AbortController().signal);
  rmSync(folder, { recursive: true, force: true });
  if (!run.ok) throw new Error(run.report);
  return run.result.figures.average?.value ?? 0;
}

const SUBJECT = {
  ...{ sha: 'a'.repeat(40), ref: '', environment: 'bench', version: 'v2', actor: '', runId: null },
  ...{ checkRunId: null, job: '', now: Date.now(), override: null },
};

/** In one process and in turns, so that both find the same machine, as warm as it gets. */
async function fire({ pairs, ...one }: Order): Promise<void> {
  for (const play of [alone, ours]) await play({ ...one, pairs, seconds: 1 });
  for (let pair = 0; pair < pairs; pair += 1) {
    const isFirst = pair % 2 === 0;
    const first = await (isFirst ? alone : ours)({ ...one, pairs });
    const second = await (isFirst ? ours : alone)({ ...one, pairs });
    say(isFirst ? { alone: first, ours: second } : { alone: second, ours: first });
  }
}

if (order.as === 'service') serve();
else await fire(order);
