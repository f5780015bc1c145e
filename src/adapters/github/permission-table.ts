import {
  type NeededPermission,
  type Permission,
  type PermissionKey,
  RECORD_PERMISSIONS,
  ROUTES,
} from './permissions.ts';

/** What an action, or one check, asks GitHub. */
export interface Asking {
  /** Name of the action or check. */
  readonly name: string;
  /** Only with this setting; empty for always. */
  readonly when: string;
  /** Keys of ROUTES, or of FREE_ROUTES. */
  readonly routes: readonly string[];
}

/** What every token of the repository may ask; no key of `permissions:` is for it. */
export const FREE_ROUTES: readonly string[] = [
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/rules/branches/{branch}',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
];

/** What no token of a job may ask: it takes one of an app or a person, with `members: read` in the organisation. */
export const ORGANISATION_ROUTES: readonly string[] = [
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
];

const repo = (method: string, path: string): string => `${method} /repos/{owner}/{repo}${path}`;
const get = (path: string): string => repo('GET', path);

const LEDGER_READ = [get('/git/ref/{ref}'), get('/contents/{path}'), get('/git/blobs/{file_sha}')];
const REF = [
  ...LEDGER_READ,
  repo('POST', '/git/trees'),
  repo('POST', '/git/commits'),
  repo('PATCH', '/git/refs/{ref}'),
];
const RECORD = [
  ...REF,
  get('/deployments'),
  repo('POST', '/deployments'),
  get('/deployments/{deployment_id}/statuses'),
  repo('POST', '/deployments/{deployment_id}/statuses'),
  get('/commits/{ref}/statuses'),
  repo('POST', '/statuses/{sha}'),
  get('/issues'),
  repo('POST', '/issues'),
  repo('PATCH', '/issues/{issue_number}'),
  get('/actions/runs/{run_id}/attempts/{attempt_number}'),
  get('/actions/runs/{run_id}/jobs'),
];

const always = (name: string, routes: readonly string[]): Asking => ({ name, when: '', routes });

/** The first entry of a ledger makes its ref. */
const FIRST_ENTRY = repo('POST', '/git/refs');

/** Commands of the terminal that ask more than their action. */
export const COMMANDS: readonly Asking[] = [
  {
    name: 'status',
    when: 'ledger: { type: github }',
    routes: [...LEDGER_READ, get('/git/commits/{commit_sha}')],
  },
];

/** Each action that writes. With `ledger: { type: file }` and no `github:` in the configuration, the first three ask nothing. */
export const ACTIONS: Readonly<
  Record<'canary' | 'rollback' | 'reconcile' | 'load-test' | 'pr-status' | 'deploy' | 'task', Asking>
> = {
  canary: always('canary', [...RECORD, FIRST_ENTRY]),
  rollback: always('rollback', RECORD),
  reconcile: always('reconcile', RECORD),
  'load-test': {
    name: 'load-test',
    when: 'accepted: { type: github }',
    routes: [...REF, FIRST_ENTRY],
  },
  'pr-status': always('pr-status', [
    repo('POST', '/statuses/{sha}'),
    get('/commits/{ref}/statuses'),
    get('/pulls/{pull_number}'),
    get('/issues/{issue_number}/comments'),
    repo('POST', '/issues/{issue_number}/comments'),
    repo('PATCH', '/issues/comments/{comment_id}'),
    repo('DELETE', '/issues/comments/{comment_id}'),
  ]),
  task: always('task', [get('/issues'), repo('POST', '/issues')]),
  deploy: always('deploy', [
    get('/deployments'),
    repo('POST', '/deployments'),
    get('/deployments/{deployment_id}/statuses'),
    repo('POST', '/deployments/{deployment_id}/statuses'),
    get('/contents/{path}'),
    get('/actions/runs/{run_id}/attempts/{attempt_number}'),
    get('/actions/runs/{run_id}/jobs'),
  ]),
};

const DEFAULT_BRANCH = get('');
const BRANCH_RULES = [get('/rules/branches/{branch}'), get('/branches/{branch}'), 'query BranchRules'];
const PULL = [DEFAULT_BRANCH, get('/commits/{commit_sha}/pulls'), get('/pulls/{pull_number}')];
const ROLE = get('/collaborators/{username}/permission');

/** What the configuration says of one check, as it is written; `ledger`: where its environment keeps the record. */
export type Settings = Readonly<Record<string, unknown>> & {
  readonly check: string;
  readonly ledger: 'file' | 'github';
};

/** A part of what a check asks, and whether it does with these settings. */
export interface CheckAsking extends Asking {
  readonly applies: (settings: Settings) => boolean;
}

const asks = (
  name: string,
  when: string,
  applies: (settings: Settings) => boolean,
  routes: readonly string[],
): CheckAsking => ({ name, when, applies, routes });

const ALWAYS = (): boolean => true;
/** It depends on where the job runs, and no setting tells. */
const NO_SETTING = (): boolean => false;
const ON_GITHUB = ({ ledger }: Settings): boolean => ledger === 'github';
const whereIs = (key: string, value: unknown) => (settings: Settings) => settings[key] === value;
const whereSet = (key: string) => (settings: Settings) => settings[key] !== undefined;
const whereUnset = (key: string) => (settings: Settings) => settings[key] === undefined;
const KEPT_ON_GITHUB = 'ledger: { type: github }';

/** Unless it names its sources, a security scan asks these two. */
const SCANNERS: readonly unknown[] = ['code-scanning', 'dependabot'];
const whereSource =
  (source: string) =>
  ({ sources }: Settings): boolean =>
    (Array.isArray(sources) ? sources : SCANNERS).includes(source);

/** It proves what it may unless it is told not to. */
const whereProven = ({ permissions, ledger }: Settings): boolean =>
  permissions !== 'off' && ledger === 'github';

/** Each check of `preflight` that asks GitHub; the others ask it nothing. */
export const CHECKS: readonly CheckAsking[] = [
  asks('ci-status', '', ALWAYS, [get('/commits/{ref}/check-runs'), get('/commits/{ref}/statuses')]),
  asks('ci-status', 'require: required', whereIs('require', 'required'), [DEFAULT_BRANCH, ...BRANCH_RULES]),
  asks('review', '', ALWAYS, [...PULL, ...BRANCH_RULES, get('/pulls/{pull_number}/reviews'), ROLE]),
  asks('review', 'code owners are required', ({ 'code-owners': asked }) => asked !== 'never', [
    get('/contents/{path}'),
    get('/pulls/{pull_number}/files'),
    ...ORGANISATION_ROUTES,
  ]),
  asks('approval', 'from: environment', whereIs('from', 'environment'), [
    get('/actions/runs/{run_id}/approvals'),
    get('/actions/runs/{run_id}'),
  ]),
  asks('approval', 'from: review', whereIs('from', 'review'), [
    ...PULL,
    get('/pulls/{pull_number}/reviews'),
    ROLE,
  ]),
  asks('approval', 'from: comment', whereIs('from', 'comment'), [
    ...PULL,
    get('/issues/{issue_number}/comments'),
    ROLE,
  ]),
  asks('approval', 'team', whereSet('team'), ORGANISATION_ROUTES),
  asks('deployed', '', ALWAYS, [get('/deployments'), get('/deployments/{deployment_id}/statuses')]),
  asks('migrations', 'record: github', ALWAYS, [
    get('/deployments'),
    get('/deployments/{deployment_id}/statuses'),
  ]),
  asks('migrations', 'in a shallow clone', NO_SETTING, [get('/contents/{path}')]),
  asks('e2e', '', ALWAYS, [get('/commits/{ref}/statuses')]),
  asks('load-test', '', ALWAYS, [get('/commits/{ref}/statuses')]),
  asks('security-scan', 'source: code-scanning', whereSource('code-scanning'), [
    DEFAULT_BRANCH,
    get('/code-scanning/analyses'),
    get('/code-scanning/alerts'),
  ]),
  asks('security-scan', 'source: dependabot', whereSource('dependabot'), [get('/dependabot/alerts')]),
  asks('security-scan', 'source: secret-scanning', whereSource('secret-scanning'), [
    get('/secret-scanning/alerts'),
  ]),
  asks('rollback-plan', KEPT_ON_GITHUB, ON_GITHUB, LEDGER_READ),
  asks('rollback-plan', 'permissions: prove', whereProven, [
    repo('POST', '/git/blobs'),
    repo('POST', '/deployments'),
    repo('POST', '/statuses/{sha}'),
    repo('POST', '/issues'),
  ]),
  asks('freeze', 'incident-label', whereSet('incident-label'), [get('/issues')]),
  asks('version', 'tag', ({ tag }) => tag !== undefined && tag !== 'any', [
    get('/git/ref/{ref}'),
    get('/git/tags/{tag_sha}'),
  ]),
  asks('version', 'attested', whereSet('attested'), [get('/attestations/{subject_digest}')]),
  asks('version', KEPT_ON_GITHUB, ON_GITHUB, LEDGER_READ),
  asks('checkbox', 'issue', whereSet('issue'), [get('/issues/{issue_number}'), 'query IssueEdits']),
  asks('checkbox', 'without issue', whereUnset('issue'), [...PULL, 'query PullEdits']),
  asks('checkbox', 'since-commit', whereIs('since-commit', true), [get('/commits/{ref}/check-suites')]),
  asks('checkbox', 'team', whereSet('team'), ORGANISATION_ROUTES),
];

/** What a check asks with these settings; nothing, when GitHub has no part in it. */
export function askingsOf(settings: Settings): readonly CheckAsking[] {
  return CHECKS.filter(({ name, applies }) => name === settings.check && applies(settings));
}

/** The least that a token needs for all of these, by key. */
export function leastFor(askings: readonly Asking[]): readonly Permission[] {
  const least = new Map<PermissionKey, Permission>();
  for (const route of askings.flatMap(({ routes }) => routes)) {
    const needed = ROUTES[route];
    if (needed === undefined || least.get(needed.key)?.level === 'write') continue;
    least.set(needed.key, needed);
  }
  return [...least.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

const SHOWING: readonly NeededPermission[] = [
  { key: 'statuses', level: 'write', why: 'one status for each gate' },
  { key: 'pull-requests', level: 'write', why: 'one comment for all gates; not with `comment: false`' },
];

const DEPLOYING: readonly NeededPermission[] = [
  { key: 'actions', level: 'read', why: 'to ask whether a run that deploys the same service still lives' },
  { key: 'contents', level: 'read', why: 'to check out, and to read migrations that a shallow clone hides' },
  { key: 'deployments', level: 'write', why: 'one deployment for each service' },
];

const ASSIGNING: readonly NeededPermission[] = [
  { key: 'issues', level: 'write', why: 'one issue for each task' },
];

const KEEPING: readonly NeededPermission[] = [
  { key: 'contents', level: 'write', why: 'accepted runs: commits on a ref of their own' },
];

/** What each permission of an action is for. */
export function reasonsFor(action: keyof typeof ACTIONS): readonly NeededPermission[] {
  if (action === 'deploy') return DEPLOYING;
  if (action === 'task') return ASSIGNING;
  if (action === 'load-test') return KEEPING;
  return action === 'pr-status' ? SHOWING : RECORD_PERMISSIONS;
}
