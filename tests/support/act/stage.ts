import { readEntry } from '../../../src/adapters/ledger/entry-text.ts';
import { refOf } from '../../../src/adapters/ledger/git-ledger.ts';
import { type RunningStep, type StepEnd, startStep } from '../../../src/cli/demo/as-runner.ts';
import type { ServiceRecord } from '../../../src/core/rollout/record.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { REPOSITORY, seedRepository } from '../on-github.ts';
import { until } from '../prometheus.ts';
import { type ActRun, runAct } from './act.ts';
import { actConfig, type Change } from './config.ts';
import { openSite, type Site } from './site.ts';
import { E2E_TEST } from './staging.ts';
import { actWorkspace } from './workspace.ts';

/** A repository, its GitHub and its production, with a first version that serves everything. */
export interface ActStage {
  readonly site: Site;
  readonly github: GitHub;
  /** The commit that serves at the start. */
  readonly first: string;
  /** Another commit, and the configuration that comes with it. */
  readonly change: (change: Change) => string;
  /** A workflow run on GitHub for a commit, approved by a reviewer; answers with its number. */
  readonly newRun: (commit: string) => number;
  /** Has act play the run of a caller of examples/workflows. */
  readonly act: (caller: string, play: ActPlay) => ActRun;
  /** The run has ended without a word: GitHub says so, and wakes the workflow that looks after it. */
  readonly lookAfter: (run: number, commit: string) => ActRun;
  /** Starts one entry of an action by itself, as a job of such a run would: much quicker than by act. */
  readonly start: (
    entry: string,
    play: Pick<ActPlay, 'run' | 'commit'>,
    inputs?: Readonly<Record<string, string>>,
    /** What an earlier step of the same action has saved. */
    state?: Readonly<Record<string, string>>,
  ) => Promise<StartedStep>;
  /** Runs one step of an action in a run of a commit, without any workflow around it. */
  readonly step: (entry: string, commit: string, inputs?: Readonly<Record<string, string>>) => Promise<Step>;
  /** What the ledger says now. */
  readonly record: () => ServiceRecord | null;
  /** The newest status of each gate at a commit. */
  readonly told: (commit: string) => Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export type Step = StepEnd & { readonly log: string };

export interface StartedStep {
  readonly child: RunningStep['child'];
  readonly ended: Promise<Step>;
}

export interface ActPlay {
  readonly event: string;
  readonly run: number;
  readonly commit: string;
  readonly payload?: unknown;
  /** What the caller says in its `with:` besides. */
  readonly with?: Readonly<Record<string, string | boolean>>;
}

const TOKEN = 'ghs_act';
const PERMISSIONS = {
  actions: 'read',
  checks: 'read',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  pull_requests: 'write',
  security_events: 'read',
  statuses: 'write',
} as const;

export async function openActStage(): Promise<ActStage> {
  const [github, site] = [await startGitHub(), await openSite()];
  const workspace = await actWorkspace();
  workspace.write('e2e.mjs', E2E_TEST);
  seedRepository(github);
  github.seed.token(TOKEN, { login: 'github-actions[bot]', type: 'installation', permissions: PERMISSIONS });
  const post = workspace.read('actions/canary/post.mjs');
  let commits = 0;
  const change: ActStage['change'] = (one) => {
    commits += 1;
    workspace.write('actions/canary/post.mjs', one.post === 'none' ? '' : post);
    workspace.write('.github/deploy-canary.yml', actConfig({ site, cli: workspace.cli }, one));
    return github.seed.commit(REPOSITORY, { files: { change: String(commits) } });
  };
  const first = change({ bake: '1s' });
  const stage: ActStage = {
    site,
    github,
    first,
    change,
    newRun: (commit) => approvedRun(github, commit),
    act: (caller, { event, run, commit, payload, with: more }) =>
      runAct({
        folder: workspace.folder,
        workflow: workspace.caller(caller, more),
        event,
        payload,
        // Where act takes github.sha from.
        env: { ...envOf(github, run), SHA_REF: commit },
        secrets: { GITHUB_TOKEN: TOKEN },
      }),
    lookAfter: (run, commit) => {
      github.seed.workflowRunState(REPOSITORY, run, 'completed', 'failure');
      const payload = { action: 'completed', workflow_run: { id: run, conclusion: 'failure' } };
      return stage.act('reconcile', { event: 'workflow_run', run: stage.newRun(commit), commit, payload });
    },
    start: (entry, { run, commit }, inputs = {}, state = {}) => {
      const { PATH, HOME } = process.env;
      const ours = { GITHUB_ACTIONS: 'true', GITHUB_SHA: commit, GITHUB_TOKEN: TOKEN };
      const env = { PATH, HOME, ...ours, ...envOf(github, run) };
      const { folder: home } = workspace;
      return heard(
        startStep({ home, workspace: home, scratch: site.folder, env }, entry, inputs, state, 'pipe'),
      );
    },
    step: async (entry, commit, inputs) =>
      (await stage.start(entry, { run: stage.newRun(commit), commit }, inputs)).ended,
    record: () => newestRecord(github),
    told: (commit) => statusesAt(github, commit),
    close: async () => {
      await site.close();
      workspace.remove();
      await github.stop();
    },
  };
  await bringOutFirst(stage);
  return stage;
}

function envOf(github: GitHub, run: number): Record<string, string> {
  return {
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url,
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_RUN_ID: String(run),
    GITHUB_ACTOR: 'ann',
  };
}

function approvedRun(github: GitHub, commit: string): number {
  const run = github.seed.workflowRun(REPOSITORY, { commit, actor: 'ann' });
  const approval = {
    run,
    environments: ['production'],
    state: 'approved',
    user: 'bob',
    comment: 'go',
  } as const;
  github.seed.approval(REPOSITORY, approval);
  return run;
}

async function heard(started: Promise<RunningStep>): Promise<StartedStep> {
  const { child, ended } = await started;
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      log += String(chunk);
    });
  return { child, ended: ended.then((end) => ({ ...end, log })) };
}

/** There is nothing to compare the first version with, so that it goes out at once. */
async function bringOutFirst({ site, step, first }: ActStage): Promise<void> {
  const ended = step('canary/main', first, { 'job-limit': '1h' });
  // It is verified by the requests that it serves: without any, the whole budget is waited for some.
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${site.ports.a}/`).then(
      (answer) => answer.text().then(() => true),
      () => false,
    );
  await Promise.race([ended, until(isUp, 'the first version to be up', 60_000)]);
  const load = site.startLoad(40);
  const { code, log } = await ended;
  await load.stop();
  if (code !== 0) throw new Error(`the first version did not come out:\n${log}`);
}

function newestRecord(github: GitHub): ServiceRecord | null {
  const { refs, commits, trees, blobs } = github.repository(REPOSITORY);
  const commit = commits.get(refs.get(`refs/${refOf('production', 'booking-api')}`) ?? '');
  const [file] = trees.get(commit?.tree ?? '') ?? [];
  if (file === undefined) return null;
  const read = readEntry(Buffer.from(blobs.get(file.sha) ?? '', 'base64').toString());
  return read.ok ? read.entry.record : null;
}

function statusesAt(github: GitHub, commit: string): Record<string, string> {
  const ours = github.repository(REPOSITORY).statuses.filter(({ sha }) => sha === commit);
  return Object.fromEntries(ours.map(({ context, state }) => [context.replace('deploy-canary/', ''), state]));
}
