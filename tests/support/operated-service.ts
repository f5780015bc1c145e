import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readEntry } from '../../src/adapters/ledger/entry-text.ts';
import { gitLedger, refOf } from '../../src/adapters/ledger/git-ledger.ts';
import { startProxy } from '../../src/adapters/traffic/embedded/start-proxy.ts';
import { createEmbeddedRouter } from '../../src/adapters/traffic/embedded-router.ts';
import { openRollout, type ServiceRecord } from '../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../src/ports/ledger.ts';
import type { TrafficRouter } from '../../src/ports/traffic-router.ts';
import { clientOf } from './github/client.ts';
import { type GitHub, startGitHub } from './github/github.ts';
import type { Access } from './github/permissions.ts';
import { BRIEF_PLAN } from './github-stage.ts';
import { ENVIRONMENT, FIRST, onTheWayBack, onTrial, SECOND, SERVICE } from './left-behind.ts';
import { forgeOn, jobEnv, REPOSITORY, seedRepository } from './on-github.ts';
import type { SourceActions, StepTold } from './source-action.ts';

export type Allowed = Readonly<Record<string, Access>>;

const TOKEN = 'a-token-for-tests';
/** One that nothing outruns, on the slowest machine. */
const LEASE = 120_000;
const never = (): AbortSignal => new AbortController().signal;

/** A service behind a real router, with its record on a local GitHub: what an operator's actions work on. */
export interface OperatedService {
  readonly github: GitHub;
  readonly router: TrafficRouter;
  /** Share of the requests to slot b that fail. */
  failing: number;
  /** Runs an action with a token that is allowed so much; `canary` with its post step. */
  play(
    action: 'canary' | 'rollback' | 'reconcile',
    inputs: Readonly<Record<string, string>>,
    allowed: Allowed,
  ): Promise<StepTold>;
  /** v1 serves in slot a, and the ledger says so; or v2 does, in slot b, and v1 is kept. */
  serve(version?: 'v1' | 'v2'): Promise<void>;
  /** Besides that, a rollout of v2 with half of the traffic, or a way back to v1, whose run has ended or not. */
  leave(what: 'rollout' | 'rollback', run?: 'completed' | 'in_progress', isShown?: boolean): Promise<void>;
  /** The router's lease has run out: traffic is on slot a again. */
  letGo(): Promise<void>;
  shareOfB(): Promise<number>;
  /** Newest last. */
  entries(): readonly LedgerEntry[];
  close(): Promise<void>;
}

export async function openService(actions: SourceActions): Promise<OperatedService> {
  const github = await startGitHub();
  seedRepository(github);
  let head = '';
  for (const version of ['v1', 'v2', 'v3']) {
    head = github.seed.commit(REPOSITORY, { files: { version } });
    github.seed.tag(REPOSITORY, version, head);
  }
  const slots = { a: 'http://127.0.0.1:9', b: 'http://127.0.0.1:9' };
  const proxy = await startProxy({ slots, token: TOKEN });
  const router = createEmbeddedRouter({ admin: proxy.adminUrl, token: TOKEN, timeout: 10_000 });
  const arms = await startArms(() => service.failing);
  const config = `deploy-canary-${arms.port}.yml`;
  writeFileSync(join(actions.folder, config), configOf(proxy.adminUrl, arms.port));
  const run = github.seed.workflowRun(REPOSITORY);
  const ledger = gitLedger({ forge: forgeOn(github), environment: ENVIRONMENT, service: SERVICE });
  let revision = 0;
  const append = async (record: ServiceRecord): Promise<void> => {
    await ledger.append(revision, { at: Date.now(), note: 'it was so before', record }, never());
    revision += 1;
  };
  const service: OperatedService = {
    github,
    router,
    failing: 0,
    play: async (action, inputs, permissions) => {
      const env = {
        ...jobEnv(github, { permissions }),
        GITHUB_SHA: head,
        GITHUB_RUN_ID: String(run),
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_JOB: action,
        GITHUB_ACTOR: 'ann',
        DEPLOY_CANARY_ROUTER_TOKEN: TOKEN,
      };
      const step = await actions.play(`${action}/main`, { config, ...inputs }, env);
      if (action !== 'canary') return step;
      const post = await actions.play('canary/post', {}, env, step.state);
      return { ...step, log: `${step.log}\n${post.log}` };
    },
    serve: async (version = 'v1') => {
      await append(version === 'v1' ? FIRST : SECOND);
      await deployed(github, version, `booking-${version}`, 'success');
      if (version === 'v2')
        await router.shift({ shares: { a: 0, b: 100 }, lease: null, token: revision }, never());
    },
    leave: async (what, state = 'completed', isShown = true) => {
      const left = github.seed.workflowRun(REPOSITORY);
      github.seed.workflowRunState(REPOSITORY, left, state, state === 'completed' ? 'cancelled' : null);
      await service.serve(what === 'rollout' ? 'v1' : 'v2');
      const record =
        what === 'rollout' ? onTrial(FIRST, left, BRIEF_PLAN) : onTheWayBack(SECOND, left, BRIEF_PLAN);
      await append(record);
      if (isShown)
        await deployed(
          github,
          what === 'rollout' ? 'v2' : 'v1',
          openRollout(record)?.id ?? '',
          'in_progress',
        );
      if (what === 'rollback') return;
      const lease = { holder: openRollout(record)?.id ?? '', ttl: LEASE, fallback: 'a' } as const;
      await router.shift({ shares: { a: 50, b: 50 }, lease, token: revision }, never());
    },
    letGo: async () => {
      const lease = { holder: 'booking-left', ttl: 1, fallback: 'a' } as const;
      await router.shift({ shares: { a: 50, b: 50 }, lease, token: revision }, never());
      while ((await service.shareOfB()) !== 0) await pause(5);
    },
    shareOfB: async () => (await router.read(never())).shares.b,
    entries: () => entriesOn(github),
    close: async () => {
      await proxy.close({ deadline: 0 });
      arms.close();
      await github.stop();
    },
  };
  return service;
}

/** What an earlier job has shown of a rollout. */
async function deployed(
  github: GitHub,
  ref: string,
  rollout: string,
  state: 'success' | 'in_progress',
): Promise<void> {
  const [owner = '', repo = ''] = REPOSITORY.split('/');
  const { repos } = clientOf(github).rest;
  const payload = { schema: 1, rollout, service: SERVICE, plan: 'as it was', stable: null, canary: ref };
  const what = { owner, repo, ref, environment: ENVIRONMENT, task: 'deploy:canary', payload };
  const { data } = await repos.createDeployment({ ...what, auto_merge: false, required_contexts: [] });
  if (!('id' in data)) throw new Error('no deployment');
  await repos.createDeploymentStatus({ owner, repo, deployment_id: data.id, state });
}

/** What runs in the slots: whichever version is asked for is well, and its requests are counted. */
async function startArms(
  failing: () => number,
): Promise<{ readonly port: number; readonly close: () => void }> {
  let scrapes = 0;
  let bad = 0;
  const server = createServer(({ url = '' }, response) => {
    const [, , version = ''] = url.split('/');
    if (version !== '') return response.setHeader('x-version', version).end('well');
    scrapes += 1;
    bad += Math.round(20 * failing());
    const line = (slot: string, code: number, count: number) =>
      `requests_total{slot="${slot}",code="${code}"} ${count}`;
    const total = 20 * scrapes;
    response.end(
      [line('a', 200, total), line('a', 500, 0), line('b', 200, total - bad), line('b', 500, bad), ''].join(
        '\n',
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port, close };
}

function configOf(admin: string, port: number): string {
  return `version: 1
service: ${SERVICE}
kpis:
  - id: error-rate
    title: Error rate
    type: ratio
    bad: requests_total{code=~"5.."}
    total: requests_total
    alert: '> 20 %'
    for: 100ms
    window: 100ms
    min-samples: 4
comparison: 'off'
plan:
  tick: 50ms
  checkpoint: 1h
  steps:
    - { weight: 50, bake: 150ms, max-bake: 20s }
    - { weight: 100, bake: 100ms, max-bake: 20s }
  budgets: { deploy: 20s, shift: 20s, verify: 20s, abort: 20s, hold: 10s }
environments:
  ${ENVIRONMENT}:
    lease: ${LEASE / 1_000}s
    router: { type: embedded, admin: '${admin}', token-env: DEPLOY_CANARY_ROUTER_TOKEN, timeout: 10s }
    metrics: { type: scrape, timeout: 5s, endpoints: [{ url: 'http://127.0.0.1:${port}/metrics' }] }
    target:
      type: command
      start: ['true']
      stop: ['true']
      health: { url: 'http://127.0.0.1:${port}/health/{version}', version-header: x-version, consecutive: 1, interval: 10ms }
    ledger: { type: github }
`;
}

function entriesOn(github: GitHub): LedgerEntry[] {
  const { refs, commits, trees, blobs } = github.repository(REPOSITORY);
  const found: LedgerEntry[] = [];
  let commit = commits.get(refs.get(`refs/${refOf(ENVIRONMENT, SERVICE)}`) ?? '');
  while (commit !== undefined) {
    const [file] = trees.get(commit.tree) ?? [];
    const read = readEntry(Buffer.from(blobs.get(file?.sha ?? '') ?? '', 'base64').toString());
    if (!read.ok) throw new Error(read.why);
    found.unshift(read.entry);
    commit = commits.get(commit.parents[0] ?? '');
  }
  return found;
}
