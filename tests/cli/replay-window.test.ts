import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayCommand } from '../../src/cli/replay.ts';
import { hasPrometheus } from '../support/prometheus.ts';
import { type Pair, SCRAPE_INTERVAL, type ScrapePool, scrapePool } from '../support/scrape-pool.ts';

interface Past {
  readonly pool: ScrapePool;
  readonly ill: string;
  readonly well: string;
  readonly start: string;
  readonly end: string;
}

const available = hasPrometheus;
let folder = '';
let past: Past | null = null;

async function replayed(...flags: readonly string[]): Promise<string> {
  const said: string[] = [];
  const command = replayCommand((text) => said.push(text))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await command.parseAsync([...flags], { from: 'user' });
  return said.join('');
}

/** A rollout whose minutes are a second and a half. */
function configOf(url: string, pair: string): string {
  return `version: 1
service: booking-api
kpis:
  - id: error-rate
    type: ratio
    bad: 'http_requests_total{code=~"5.."}'
    total: http_requests_total
    target: '<= 1 %'
    alert: '> 2 %'
    for: 2s
    window: 1s
    min-samples: 30
  - id: latency
    type: quantile
    histogram: http_seconds
    histogram-unit: s
    alert: '> 2300 ms'
    for: 2s
    window: 1s
traffic: http_requests_total
comparison: { pace: 0.01 }
plan:
  tick: 500ms
  checkpoint: 4s
  steps: [{ weight: 10, bake: 4s }, { weight: 50, bake: 3s }, { weight: 100, bake: 60s }]
environments:
  production:
    router: { type: embedded, admin: 'http://127.0.0.1:1' }
    target: { type: command, start: [start], stop: [stop], health: { url: 'http://127.0.0.1:1/', version-field: version } }
    metrics: { type: prometheus, url: '${url}', matchers: 'pair="${pair}"', scrape-interval: ${SCRAPE_INTERVAL} }
    ledger: { type: file, path: ledger }
`;
}

/** Serves for a while: a tenth of the requests by b, of which the given share fails. */
async function serve({ a, b }: Pair, failing: number, until: number): Promise<void> {
  for (let turn = 0; Date.now() < until; turn += 1) {
    a.serve(200, 18);
    b.serve(turn % Math.round(1 / failing) === 0 ? 503 : 200, 2);
    await sleep(25);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-window-'));
  if (!available) return;
  const pool = await scrapePool(2);
  const [ill, well] = [pool.take(), pool.take()];
  for (const { a, b } of [ill, well]) {
    a.serve(200, 1);
    b.serve(200, 1);
    b.serve(503, 1);
  }
  await Promise.all([ill.settled(), well.settled()]);
  const begin = Date.now();
  await Promise.all([serve(ill, 0.2, begin + 9_000), serve(well, 0.0005, begin + 9_000)]);
  await Promise.all([ill.settled(), well.settled()]);
  for (const { id } of [ill, well]) {
    await writeFile(join(folder, `${id}.yml`), configOf(pool.prometheus.url, id));
  }
  past = {
    pool,
    ill: join(folder, `${ill.id}.yml`),
    well: join(folder, `${well.id}.yml`),
    start: new Date(begin).toISOString(),
    end: new Date(begin + 9_000).toISOString(),
  };
}, 60_000);

afterAll(async () => {
  await past?.pool.stop();
  await rm(folder, { recursive: true, force: true });
});

const needs = available ? '' : ' (skipped: needs prometheus)';

describe.skipIf(!available)(`replaying a window of a real Prometheus${needs}`, () => {
  const window = (config: string): readonly string[] => {
    if (past === null) throw new Error('no past');
    const { pool, start, end } = past;
    return ['--prometheus', pool.prometheus.url, '--start', start, '--end', end, '--config', config];
  };

  it('aborts the rollout whose canary failed, with the KPI and the second', async () => {
    const line = JSON.parse(await replayed(...window(past?.ill ?? ''), '--json'));
    expect(line).toMatchObject({ decision: 'abort', kpi: 'error-rate', id: `booking-api ${past?.start}` });
    expect(line.reasonCode).toMatch(/comparison-regressed|guardrail-breached/);
    expect(line.seconds).toBeGreaterThan(0);
    expect(line.seconds).toBeLessThanOrEqual(7);
    expect(line.seconds).toBe((line.tick + 1) / 2);
  });

  it('decides the same whenever it is asked', async () => {
    const flags = [...window(past?.ill ?? ''), '--json'];
    expect(await replayed(...flags)).toBe(await replayed(...flags));
  });

  it('promotes the one whose canary was well', async () => {
    const [heads, row, , totals] = (await replayed(...window(past?.well ?? ''))).split('\n');
    expect(heads).toMatch(/^Rollout +Decision +After +KPI +Why$/);
    expect(row).toMatch(/^booking-api \S+ +promote +nothing fired/);
    expect(totals).toBe('1 rollout: 0 aborted, 1 promoted');
  });

  it('draws it on the page that a recording has, with every KPI of the configuration', async () => {
    const page = join(folder, 'ill.html');
    expect(await replayed(...window(past?.ill ?? ''), '--report', page)).toContain(`Report: ${page}`);
    const markup = await readFile(page, 'utf8');
    for (const words of [
      'Replayed from what was recorded: no traffic was touched',
      '<h1>Would have been rolled back</h1>',
      '<h2>Evidence that the canary is worse</h2>',
      `<b>${new URL(past?.pool.prometheus.url ?? '').host}</b>`,
      'the KPIs of production in',
      'Error rate',
      'Latency',
      '3. 100 % of traffic',
    ]) {
      expect(markup).toContain(words);
    }
    expect(markup).not.toMatch(/NaN|undefined|1970|src=/);
  });

  it('does not promise more of a window than it holds', async () => {
    const page = join(folder, 'well.html');
    await replayed(...window(past?.well ?? ''), '--report', page, '--json');
    const markup = await readFile(page, 'utf8');
    expect(markup).toContain(
      '<h1>Would have gone on</h1><p>Nothing had fired by the end of the window, after 9s.</p>',
    );
    expect(markup).toContain('2s of 1m');
    expect(markup).not.toMatch(/ended early|[Ww]ould have been promoted|Every step|all on the new version/);
  });

  it('says where a report cannot be written', async () => {
    const flags = [...window(past?.well ?? ''), '--report', join(folder, 'gone', 'x.html')];
    await expect(replayed(...flags)).rejects.toThrow('name a file in a folder that exists');
  });

  it('blames nobody when the slots are told the wrong way round', async () => {
    const flags = [...window(past?.ill ?? ''), '--canary', 'a', '--json'];
    expect(JSON.parse(await replayed(...flags)).reasonCode).not.toBe('comparison-regressed');
  });

  it('decides nothing over a window of which nothing is known', async () => {
    const flags = [...window(past?.ill ?? '')].map((flag) => flag.replace(/^20\d\d-/, '2021-'));
    await expect(replayed(...flags)).rejects.toThrow(
      /expected data in the window, saw none \(no series matches/,
    );
  });
});

describe('replaying through Prometheus', () => {
  it('tells all that is wrong with the flags at once', async () => {
    const flags = [
      '--prometheus',
      'http://me:hunter2@localhost',
      '--start',
      'yesterday',
      '--ticks',
      'x',
      '--canary',
      'c',
    ];
    const told = await replayed(...flags).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(told.split('\n')).toEqual([
      expect.stringContaining('--ticks or --prometheus, saw both'),
      expect.stringContaining('expected --prometheus to be a plain http or https url'),
      expect.stringContaining('expected --start to be a moment such as 2026-03-01T14:00:00Z, saw yesterday'),
      expect.stringContaining('expected --end to be a moment'),
      expect.stringContaining('expected --config, saw none'),
      expect.stringContaining('expected --canary to be a or b, saw "c"'),
    ]);
    expect(told).not.toContain('hunter2');
  });

  it.each([
    [['--start', '2026-03-01T15:00:00Z', '--end', '2026-03-01T14:00:00Z'], /--end after --start/],
    [['--start', '2026-03-01T15:00:00Z', '--end', '2999-03-01T14:00:00Z'], /--end in the past/],
    [['--start', '2026-01-01T15:00:00Z', '--end', '2026-03-01T14:00:00Z'], /at most 7 days/],
    [['--start', '2026-03-01T15:00:00', '--end', '2026-03-01T16:00:00Z'], /write it with its zone/],
    [['--every', '30'], /expected no --every/],
  ])('refuses %j', async (flags, message) => {
    const url = ['--prometheus', 'http://127.0.0.1:1', '--config', 'deploy-canary.yml'];
    await expect(replayed(...url, ...flags)).rejects.toThrow(message);
  });

  it('refuses the flags of a window over a file', async () => {
    await expect(replayed('--ticks', 'x', '--start', 'y', '--canary', 'a')).rejects.toThrow(
      'expected --start, --canary with --prometheus only, saw --ticks; remove them',
    );
  });

  it('says that there is nothing to replay', async () => {
    await expect(replayed()).rejects.toThrow('expected --ticks with a file, or --prometheus with a url');
  });

  it('decides nothing while the server does not answer', async () => {
    const config = join(folder, 'deploy-canary.yml');
    await writeFile(config, configOf('http://127.0.0.1:1', '0'));
    const flags = ['--start', '2026-03-01T14:00:00Z', '--end', '2026-03-01T14:00:02Z', '--config', config];
    await expect(replayed('--prometheus', 'http://127.0.0.1:1', ...flags)).rejects.toThrow(
      /expected an answer, saw .*ECONNREFUSED.*check url/,
    );
  });
});
