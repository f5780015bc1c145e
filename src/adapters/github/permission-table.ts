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

const LEDGER_READ = [
  get('/git/ref/{ref}'),
  get('/git/commits/{commit_sha}'),
  get('/contents/{path}'),
  get('/git/blobs/{file_sha}'),
];
const REF = [
  ...LEDGER_READ,
  repo('POST', '/git/trees'),
  repo('POST', '/git/commits'),
  repo('POST', '/git/refs'),
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

/** Each action that writes. With `ledger: { type: file }` and no `github:` in the configuration, the first three ask nothing. */
export const ACTIONS: Readonly<
  Record<'canary' | 'rollback' | 'reconcile' | 'load-test' | 'pr-status', Asking>
> = {
  canary: always('canary', RECORD),
  rollback: always('rollback', RECORD),
  reconcile: always('reconcile', RECORD),
  'load-test': { name: 'load-test', when: 'accepted: { type: github }', routes: REF },
  'pr-status': always('pr-status', [
    repo('POST', '/statuses/{sha}'),
    get('/commits/{ref}/statuses'),
    get('/pulls/{pull_number}'),
    get('/issues/{issue_number}/comments'),
    repo('POST', '/issues/{issue_number}/comments'),
    repo('PATCH', '/issues/comments/{comment_id}'),
    repo('DELETE', '/issues/comments/{comment_id}'),
  ]),
};

const DEFAULT_BRANCH = get('');
const BRANCH_RULES = [get('/rules/branches/{branch}'), get('/branches/{branch}'), 'query BranchRules'];
const PULL = [DEFAULT_BRANCH, get('/commits/{commit_sha}/pulls'), get('/pulls/{pull_number}')];
const ROLE = get('/collaborators/{username}/permission');

/** Each check of `preflight` that asks GitHub; the others ask it nothing. */
export const CHECKS: readonly Asking[] = [
  always('ci-status', [get('/commits/{ref}/check-runs'), get('/commits/{ref}/statuses')]),
  { name: 'ci-status', when: 'require: required', routes: [DEFAULT_BRANCH, ...BRANCH_RULES] },
  always('review', [...PULL, ...BRANCH_RULES, get('/pulls/{pull_number}/reviews'), ROLE]),
  {
    name: 'review',
    when: 'code owners are required',
    routes: [get('/contents/{path}'), get('/pulls/{pull_number}/files'), ...ORGANISATION_ROUTES],
  },
  {
    name: 'approval',
    when: 'from: environment',
    routes: [get('/actions/runs/{run_id}/approvals'), get('/actions/runs/{run_id}')],
  },
  { name: 'approval', when: 'from: review', routes: [...PULL, get('/pulls/{pull_number}/reviews'), ROLE] },
  {
    name: 'approval',
    when: 'from: comment',
    routes: [...PULL, get('/issues/{issue_number}/comments'), ROLE],
  },
  { name: 'approval', when: 'team', routes: ORGANISATION_ROUTES },
  always('deployed', [get('/deployments'), get('/deployments/{deployment_id}/statuses')]),
  always('e2e', [get('/commits/{ref}/statuses')]),
  always('load-test', [get('/commits/{ref}/statuses')]),
  {
    name: 'security-scan',
    when: 'source: code-scanning',
    routes: [DEFAULT_BRANCH, get('/code-scanning/analyses'), get('/code-scanning/alerts')],
  },
  { name: 'security-scan', when: 'source: dependabot', routes: [get('/dependabot/alerts')] },
  { name: 'security-scan', when: 'source: secret-scanning', routes: [get('/secret-scanning/alerts')] },
  { name: 'rollback-plan', when: 'ledger: { type: github }', routes: LEDGER_READ },
  {
    name: 'rollback-plan',
    when: 'permissions: prove, of what the configuration writes to GitHub',
    routes: [
      repo('POST', '/git/blobs'),
      repo('POST', '/deployments'),
      repo('POST', '/statuses/{sha}'),
      repo('POST', '/issues'),
    ],
  },
  { name: 'freeze', when: 'incident-label', routes: [get('/issues')] },
  { name: 'version', when: 'tag', routes: [get('/git/ref/{ref}'), get('/git/tags/{tag_sha}')] },
  { name: 'version', when: 'ledger: { type: github }', routes: LEDGER_READ },
  { name: 'checkbox', when: 'issue', routes: [get('/issues/{issue_number}'), 'query IssueEdits'] },
  { name: 'checkbox', when: 'without issue', routes: [...PULL, 'query PullEdits'] },
  { name: 'checkbox', when: 'since-commit', routes: [get('/commits/{ref}/check-suites')] },
  { name: 'checkbox', when: 'team', routes: ORGANISATION_ROUTES },
];

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

const KEEPING: readonly NeededPermission[] = [
  { key: 'contents', level: 'write', why: 'accepted runs: commits on a ref of their own' },
];

/** What each permission of an action is for. */
export function reasonsFor(action: keyof typeof ACTIONS): readonly NeededPermission[] {
  if (action === 'load-test') return KEEPING;
  return action === 'pr-status' ? SHOWING : RECORD_PERMISSIONS;
}
