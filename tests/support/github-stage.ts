import { recordPublisher } from '../../src/adapters/github/record-publisher.ts';
import { runProbe } from '../../src/adapters/github/run-probe.ts';
import { readEntry } from '../../src/adapters/ledger/entry-text.ts';
import { gitLedger, refOf } from '../../src/adapters/ledger/git-ledger.ts';
import { systemClock } from '../../src/adapters/runner/clock.ts';
import { startProxy } from '../../src/adapters/traffic/embedded/start-proxy.ts';
import { createEmbeddedRouter } from '../../src/adapters/traffic/embedded-router.ts';
import { startPublishing } from '../../src/app/publishing.ts';
import { type ReconcileRequest, reconcile } from '../../src/app/reconcile.ts';
import { rollBack } from '../../src/app/roll-back.ts';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { Kpi } from '../../src/core/analysis/kpi.ts';
import type { Result } from '../../src/core/result.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import type { Placement } from '../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../src/ports/ledger.ts';
import type { Observer } from '../../src/ports/observer.ts';
import { type GitHub, type GitHubOptions, startGitHub } from './github/github.ts';
import type { Repository } from './github/state/world.ts';
import { ENVIRONMENT, FIRST, onTrial, SERVICE } from './left-behind.ts';
import { forgeOn, type JobOnGitHub, REPOSITORY, seedRepository } from './on-github.ts';

export { ENVIRONMENT, SERVICE };

const TOKEN = 'a-token-for-tests';

/** Hardly any time at all, for who runs hundreds of them. */
export const BRIEF_PLAN: Plan = {
  steps: [{ weight: 50, bake: 20, maxBake: 4_000 }],
  tick: 10,
  checkpoint: 60_000,
  budgets: { deploy: 5_000, shift: 5_000, verify: 2_000, abort: 5_000, hold: 2_000, record: 5_000 },
  onInconclusive: 'abort',
};

const ERRORS: Kpi = {
  id: 'error-rate',
  title: 'Error rate',
  type: 'ratio',
  unit: 'ratio',
  counts: 'bad',
  quantile: 0.95,
  target: { comparator: '<=', value: 0.01 },
  alert: { comparator: '>', value: 0.05 },
  for: 20,
  window: 20,
  minSamples: 4,
  warmUp: 0,
  scope: 'per-arm',
  // biome-ignore lint/suspicious/noThenProperty: the policy's own word
  noData: { budget: 1_000, then: 'abort' },
  errorBudget: 1_000,
};

/** How one job goes about it. */
export interface Play extends JobOnGitHub {
  readonly plan?: Plan;
  /** Share of the requests to slot b that fail. */
  readonly failing?: number | (() => number);
  readonly stop?: AbortSignal;
  readonly observe?: Observer;
  /** How long it waits at the end until everything is shown. */
  readonly patience?: number;
  /** Hears at the end what GitHub does not show, and why. */
  readonly unshown?: (why: string | null) => void;
  /** How much later than now its wall clock says it is. */
  readonly later?: number;
  /** Number of the workflow run; every play has one of its own else. */
  readonly run?: number;
}

/** One service whose record is kept on a local GitHub, with v1 as its stable version, behind a real router. */
export interface GitHubStage {
  readonly github: GitHub;
  /** Each of these is a job of its own: it knows nothing but what the record and the router tell it. */
  rollOut(version: string, play?: Play): Promise<Result>;
  rollBack(reason: string, play?: Play): Promise<Result>;
  reconcile(play?: Play, request?: Partial<ReconcileRequest>): Promise<Result>;
  /** A rollout of v2 with half of the traffic, whose run has ended. */
  leave(): Promise<void>;
  /** Requests since the stage was set, or since the last time this was asked. */
  spent(): number;
  shareOfB(): Promise<number>;
  /** Oldest first, as it really stands in the repository. */
  entries(): readonly LedgerEntry[];
  close(): Promise<void>;
}

export async function setGitHubStage(options: GitHubOptions = {}): Promise<GitHubStage> {
  const github = await startGitHub(options);
  seedRepository(github);
  for (const version of ['v1', 'v2', 'v3'])
    github.seed.tag(REPOSITORY, version, github.seed.commit(REPOSITORY, { files: { version } }));
  const proxy = await startProxy({
    slots: { a: 'http://127.0.0.1:9', b: 'http://127.0.0.1:9' },
    token: TOKEN,
  });
  const router = createEmbeddedRouter({ admin: proxy.adminUrl, token: TOKEN, timeout: 10_000 });
  const never = new AbortController().signal;
  const ledger = gitLedger({ forge: forgeOn(github), environment: ENVIRONMENT, service: SERVICE });
  await ledger.append(0, { at: Date.now(), note: 'v1 was there before', record: FIRST }, never);
  let runs = 100;
  let counted = github.requests().length;

  async function act(play: Play, action: (world: World) => Promise<Result>): Promise<Result> {
    runs += 1;
    const world = worldOf(github, router, play.run ?? runs, play);
    const result = await action(world);
    const unshown = await world.publishing?.settle(play.patience ?? 30_000);
    play.unshown?.(unshown ?? null);
    return result;
  }

  return {
    github,
    rollOut: (version, play = {}) =>
      act(play, (world) => {
        const { plan = BRIEF_PLAN, stop = never } = play;
        const id = `${SERVICE}-${version}-${runs}`;
        return runRollout(world, { id, version, plan, readmit: null, jobLimit: 600_000, stop });
      }),
    rollBack: (reason, play = {}) =>
      act(play, (world) => {
        const request = { id: `${SERVICE}-back-${runs}`, version: null, reason, requestedBy: 'ann' };
        return rollBack(world, { ...request, plan: BRIEF_PLAN, toSlot: null, stop: never });
      }),
    reconcile: (play = {}, request = {}) =>
      act(play, (world) => {
        const asked = { ownerHasEnded: false, onlyRollout: null, fallback: null, reason: null };
        return reconcile(world, { ...asked, ...request });
      }),
    leave: async () => {
      const run = github.seed.workflowRun(REPOSITORY);
      github.seed.workflowRunState(REPOSITORY, run, 'completed', 'cancelled');
      await ledger.append(
        1,
        { at: Date.now(), note: 'left', record: onTrial(FIRST, run, BRIEF_PLAN) },
        never,
      );
      const lease = { holder: 'booking-left', ttl: 120_000, fallback: 'a' } as const;
      await router.shift({ shares: { a: 50, b: 50 }, lease, token: 2 }, never);
    },
    spent: () => {
      const before = counted;
      counted = github.requests().length;
      return counted - before;
    },
    shareOfB: async () => (await router.read(never)).shares.b,
    entries: () => entriesIn(github.repository(REPOSITORY)),
    close: async () => {
      await proxy.close({ deadline: 0 });
      await github.stop();
    },
  };
}

function entriesIn({ refs, commits, trees, blobs }: Repository): LedgerEntry[] {
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

function worldOf(github: GitHub, router: World['router'], run: number, play: Play): World {
  const { failing = 0, later = 0, observe = () => undefined } = play;
  const forge = forgeOn(github, { timeout: 2_500, ...play });
  const share = typeof failing === 'number' ? () => failing : failing;
  const total = 100;
  const arm = (bad: number) =>
    ({ kind: 'data', observation: { type: 'events', bad: Math.round(bad * total), total } }) as const;
  const publisher = recordPublisher({
    forge,
    kpis: [ERRORS],
    deployments: true,
    statuses: true,
    incidents: ['deploy-canary'],
    environmentUrl: 'https://booking.example',
    runCommit: null,
  });
  return {
    service: SERVICE,
    environment: ENVIRONMENT,
    owner: {
      id: `${run}-1-canary-${run}`,
      kind: 'github-run',
      runId: `${run}`,
      host: 'a-runner',
      pid: 1,
      processStart: 'unknown',
      name: 'ann',
      url: `${github.url}/${REPOSITORY}/actions/runs/${run}/attempts/1`,
    },
    kpis: [ERRORS],
    share: null,
    comparison: null,
    judge: null,
    leaseTtl: 10_000,
    history: null,
    retire: { promoted: 'keep', aborted: 'keep' },
    router,
    target: slots(),
    metrics: {
      sample: async ({ canary, elapsed }) => ({
        at: Date.now(),
        elapsed,
        kpis: { 'error-rate': { canary: arm(canary === 'b' ? share() : 0), stable: arm(0) } },
        traffic: null,
      }),
    },
    ledger: gitLedger({ forge, environment: ENVIRONMENT, service: SERVICE }),
    notifiers: [],
    probe: runProbe(() => forge),
    publishing: startPublishing(publisher, systemClock),
    clock: { ...systemClock, now: () => systemClock.now() + later },
    observe,
  };
}

/** A place where every version runs well at once. */
function slots(): World['target'] {
  const well = ({ version }: Placement) =>
    ({ check: 'health', title: 'Health', status: 'pass', observed: version, expected: version }) as const;
  return {
    deploy: async () => 'started',
    health: async (placement) => [well(placement)],
    stop: async () => undefined,
  };
}
