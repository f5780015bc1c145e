import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { k6Schema } from '../../../src/adapters/load/generate-k6.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { canRun } from '../../support/can-run.ts';
import { until } from '../../support/prometheus.ts';

const hasK6 = canRun('k6', 'version');
const PATH = process.env.PATH ?? '';

/** A service, and a folder with a script that asks it 50 times a second. */
async function stage(seconds: number) {
  let [asked, last] = [0, 0];
  const server = createServer((request, response) => {
    asked += 1;
    last = Date.now();
    response.statusCode = request.headers.authorization === 'Bearer s3cret' ? 200 : 401;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const folder = mkdtempSync(join(tmpdir(), 'k6-test-'));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(join(folder, 'load.js'), script(port, seconds));
  return { folder, asked: () => asked, last: () => last };
}

function script(port: number, seconds: number): string {
  return `
import http from 'k6/http';
import { check } from 'k6';
export const options = {
  scenarios: { book: { executor: 'constant-arrival-rate', rate: 50, timeUnit: '1s', duration: '${seconds}s', preAllocatedVUs: 10 } },
};
export default () => {
  const answer = http.get('http://127.0.0.1:${port}/', { headers: { authorization: 'Bearer ' + __ENV.TOKEN } });
  check(answer, { booked: ({ status }) => status === 200 });
  if (__ITER === 0) console.log('::error::required is ' + __ENV.DEPLOY_CANARY_REQUIRED_RATE);
};
`;
}

const { signal } = new AbortController();
const settings = { type: 'k6', script: 'load.js', 'env-from': ['TOKEN'] };

describe.skipIf(!hasK6)(`k6${hasK6 ? '' : ' (skipped: needs k6)'}`, { timeout: 60_000 }, () => {
  it('makes the load of its script, and its report is read', async () => {
    const { folder, asked } = await stage(3);
    const lines: string[] = [];
    const masked: string[] = [];
    const context = adapterContext({
      baseDir: folder,
      env: { PATH, HOME: folder, TOKEN: 's3cret' },
      mask: (secret) => void masked.push(secret),
      log: (line) => void lines.push(line),
    });
    const generated = await k6Schema.parse(settings).create(context).run({ required: 40 }, signal);
    if (generated.kind !== 'done') throw new Error(JSON.stringify(generated));
    const [run] = generated.runs;
    expect(run?.requests).toBe(asked());
    expect(run?.failed).toBe(0);
    expect(run?.series.length).toBeGreaterThanOrEqual(3);
    expect(run?.latency.kind).toBe('histogram');
    expect(run?.checks).toEqual([{ name: 'booked', passes: asked(), fails: 0 }]);
    expect(run?.startedAt).toBeGreaterThanOrEqual(generated.startedAt);
    expect(lines.join('\n')).toContain('required is 40');
    expect(masked).toEqual(['s3cret']);
  });

  it('is gone with all that it started when the run is cancelled', async () => {
    const { folder, asked, last } = await stage(60);
    const stop = new AbortController();
    const context = adapterContext({ baseDir: folder, env: { PATH, HOME: folder, TOKEN: 's3cret' } });
    const running = k6Schema.parse(settings).create(context).run({ required: null }, stop.signal);
    await until(() => asked() > 20, 'requests', 30_000);
    stop.abort();
    expect(await running).toMatchObject({ kind: 'failed' });
    const ended = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(last()).toBeLessThanOrEqual(ended + 100);
  });

  it('does not go on when we are killed', async () => {
    const { folder, asked, last } = await stage(60);
    const home = join(import.meta.dirname, '../../..');
    const code = `
import { k6Schema } from '${home}/src/adapters/load/generate-k6.ts';
import { adapterContext } from '${home}/tests/support/adapter-context.ts';
const env = { PATH: process.env.PATH, HOME: process.env.HOME, TOKEN: 's3cret' };
await k6Schema.parse(${JSON.stringify(settings)}).create(adapterContext({ baseDir: '${folder}', env })).run({ required: null }, new AbortController().signal);`;
    const argv = ['--import', join(home, 'tools/register.mjs'), '--input-type=module', '-e', code];
    const child = spawn(process.execPath, argv, { stdio: 'ignore', env: { PATH, HOME: folder } });
    await until(() => asked() > 20, 'requests', 30_000);
    child.kill('SIGKILL');
    await until(() => Date.now() - last() > 2_000, 'k6 to be gone', 20_000);
  });

  it('fails a test whose script cannot run, and says so', async () => {
    const { folder } = await stage(1);
    writeFileSync(join(folder, 'load.js'), 'export default () => { nothing( };');
    const context = adapterContext({ baseDir: folder, env: { PATH, HOME: folder, TOKEN: 's3cret' } });
    const generated = await k6Schema.parse(settings).create(context).run({ required: null }, signal);
    expect(generated).toMatchObject({ kind: 'failed', why: 'k6 ended with 107 (load.js)' });
  });
});
