import { type Fields, fields, isFields, list, optionalInteger, optionalText, text } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { CheckRun } from '../state/checks.ts';
import { put, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  numberFrom,
  pick,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';
import { commitNamed } from './commits.ts';

/** GitHub Actions has this one wherever it runs. */
const appId = (slug: string): number => (slug === 'github-actions' ? 15_368 : numberFrom(slug));

const appBody = (call: Call, slug: string): unknown => ({
  ...{
    id: appId(slug),
    node_id: nodeId('A', slug),
    slug,
    name: slug,
    description: '',
    permissions: {},
    events: [],
  },
  ...{ owner: user(call, slug), external_url: call.api, html_url: `${call.api}/apps/${slug}` },
});

function runBody(call: Call, run: CheckRun): unknown {
  const { id, name, status, conclusion, output } = run;
  const url = `${repositoryUrl(call)}/check-runs/${id}`;
  const { title, summary, text: long, annotations } = output;
  return {
    ...{ id, name, status, conclusion, url, html_url: url, node_id: nodeId('CR', id), head_sha: run.sha },
    ...{ details_url: run.detailsUrl, external_id: run.externalId },
    ...{ started_at: run.startedAt, completed_at: run.completedAt },
    output: {
      title,
      summary,
      text: long,
      annotations_count: annotations,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite },
    app: appBody(call, run.app),
    pull_requests: [],
  };
}

const appOf = (call: Call): string => call.token.login.replace(/\[bot\]$/, '');

/** https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-checks: one suite an app and commit. */
export function suiteOf(repository: Repository, sha: string, app: string): number | undefined {
  return [...repository.checkRuns.values()].find((run) => run.sha === sha && run.app === app)?.suite;
}

/** Providing a conclusion completes the run; completing it takes a conclusion. */
function outcome(call: Call, before: Pick<CheckRun, 'status' | 'conclusion' | 'completedAt'>) {
  const conclusion = optionalText(call.body, 'conclusion') ?? before.conclusion;
  if (conclusion === 'stale')
    throw new Refusal(422, 'Invalid value for conclusion: stale is set by GitHub alone');
  const said = optionalText(call.body, 'status') ?? before.status;
  const status = optionalText(call.body, 'conclusion') === undefined ? said : 'completed';
  if (status !== 'completed') return { status, conclusion: null, completedAt: null };
  if (conclusion === null) throw new Refusal(422, 'A completed check run needs a conclusion');
  return {
    status,
    conclusion,
    completedAt: optionalText(call.body, 'completed_at') ?? before.completedAt ?? call.now,
  };
}

function outputOf(said: unknown, before: CheckRun['output']): CheckRun['output'] {
  if (!isFields(said)) return before;
  return {
    title: optionalText(said, 'title') ?? before.title,
    summary: optionalText(said, 'summary') ?? before.summary,
    text: optionalText(said, 'text') ?? before.text,
    annotations: before.annotations + list(said.annotations).length,
  };
}

const SILENT: CheckRun['output'] = { title: null, summary: null, text: null, annotations: 0 };

/** Only apps make check runs. https://docs.github.com/rest/checks/runs#create-a-check-run */
function onlyApps(call: Call): void {
  if (call.token.type === 'user') throw new Refusal(403, 'You must authenticate via a GitHub App.');
}

function createRun(call: Call): Answer {
  onlyApps(call);
  const before = repositoryOf(call);
  const { sha } = commitNamed(before, text(call.body, 'head_sha'));
  const app = appOf(call);
  const { id, repository } = numbered(before);
  const run: CheckRun = {
    ...{ id, sha, app, name: text(call.body, 'name'), suite: suiteOf(before, sha, app) ?? id },
    ...outcome(call, { status: 'queued', conclusion: null, completedAt: null }),
    startedAt: optionalText(call.body, 'started_at') ?? call.now,
    externalId: optionalText(call.body, 'external_id') ?? '',
    detailsUrl: optionalText(call.body, 'details_url') ?? null,
    output: outputOf(call.body.output, SILENT),
  };
  const after = { ...repository, checkRuns: put(repository.checkRuns, id, run) };
  return { status: 201, body: runBody(call, run), repository: after };
}

function updateRun(call: Call): Answer {
  onlyApps(call);
  const before = repositoryOf(call);
  const known = pick(before.checkRuns, call.path, 'check_run_id');
  if (known.app !== appOf(call))
    throw new Refusal(
      403,
      'Invalid app_id `1` - check run can only be modified by the GitHub App that created it.',
    );
  const run = {
    ...{ ...known, name: optionalText(call.body, 'name') ?? known.name },
    ...outcome(call, known),
    detailsUrl: optionalText(call.body, 'details_url') ?? known.detailsUrl,
    output: outputOf(call.body.output, known.output),
  };
  const repository = { ...before, checkRuns: put(before.checkRuns, run.id, run) };
  return { status: 200, body: runBody(call, run), repository };
}

/** `latest` is the newest of each name and suite. */
function listRuns(call: Call): Answer {
  const repository = repositoryOf(call);
  const { sha } = commitNamed(repository, text(call.path, 'ref'));
  const { check_name: name, status, filter } = call.query;
  const app = optionalInteger(call.query, 'app_id');
  const found = [...repository.checkRuns.values()]
    .filter((run) => run.sha === sha && (name === undefined || run.name === name))
    .filter(
      (run) =>
        (status === undefined || run.status === status) && (app === undefined || appId(run.app) === app),
    )
    .reverse();
  const isNewest = (run: CheckRun, n: number) =>
    found.findIndex((one) => one.suite === run.suite && one.name === run.name) === n;
  const items = filter === 'all' ? found : found.filter(isNewest);
  const list = { items: items.map((run) => runBody(call, run)), under: 'check_runs' };
  return { status: 200, body: { total_count: items.length }, list };
}

const WORST_FIRST = ['action_required', 'timed_out', 'cancelled', 'failure', 'neutral', 'success', 'skipped'];

function suiteBody(call: Call, repository: Repository, runs: readonly CheckRun[]): Fields {
  const first = runs[0];
  if (first === undefined) return {};
  const isDone = runs.every(({ status }) => status === 'completed');
  const conclusion = WORST_FIRST.find((one) => runs.some((run) => run.conclusion === one)) ?? null;
  const url = `${repositoryUrl(call)}/check-suites/${first.suite}`;
  const commit = repository.commits.get(first.sha);
  return {
    ...{ id: first.suite, node_id: nodeId('CS', first.suite), url, head_sha: first.sha, head_branch: null },
    ...{ status: isDone ? 'completed' : 'in_progress', conclusion: isDone ? conclusion : null },
    created_at: runs.flatMap(({ startedAt }) => startedAt ?? []).sort()[0] ?? null,
    ...{
      app: appBody(call, first.app),
      latest_check_runs_count: runs.length,
      check_runs_url: `${url}/check-runs`,
    },
    head_commit: {
      id: first.sha,
      tree_id: commit?.tree,
      message: commit?.message,
      timestamp: commit?.committer.date,
    },
  };
}

function listSuites(call: Call): Answer {
  const repository = repositoryOf(call);
  const { sha } = commitNamed(repository, text(call.path, 'ref'));
  const runs = [...repository.checkRuns.values()].filter((run) => run.sha === sha);
  const suites = [...new Set(runs.map(({ suite }) => suite))];
  const items = suites.map((suite) =>
    fields(
      suiteBody(
        call,
        repository,
        runs.filter((run) => run.suite === suite),
      ),
    ),
  );
  return { status: 200, body: { total_count: items.length }, list: { items, under: 'check_suites' } };
}

export const checks: Handlers = {
  'checks/create': createRun,
  'checks/update': updateRun,
  'checks/list-for-ref': listRuns,
  'checks/list-suites-for-ref': listSuites,
};
