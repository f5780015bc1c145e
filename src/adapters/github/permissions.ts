/** Keys of `permissions:` in a workflow, as far as this product needs them. */
export type PermissionKey =
  | 'actions'
  | 'attestations'
  | 'checks'
  | 'contents'
  | 'deployments'
  | 'issues'
  | 'pull-requests'
  | 'secret-scanning-alerts'
  | 'security-events'
  | 'statuses'
  | 'vulnerability-alerts';

export interface Permission {
  readonly key: PermissionKey;
  readonly level: 'read' | 'write';
}

const read = (key: PermissionKey): Permission => ({ key, level: 'read' });
const write = (key: PermissionKey): Permission => ({ key, level: 'write' });

/** Every request that this product sends to GitHub, GraphQL queries by name, and the least that a token must be allowed for it. */
export const ROUTES: Readonly<Record<string, Permission>> = {
  'GET /repos/{owner}/{repo}/git/ref/{ref}': read('contents'),
  'GET /repos/{owner}/{repo}/contents/{path}': read('contents'),
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': read('contents'),
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': read('contents'),
  'POST /repos/{owner}/{repo}/git/blobs': write('contents'),
  'POST /repos/{owner}/{repo}/git/trees': write('contents'),
  'POST /repos/{owner}/{repo}/git/commits': write('contents'),
  'POST /repos/{owner}/{repo}/git/refs': write('contents'),
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': write('contents'),
  'GET /repos/{owner}/{repo}/deployments': read('deployments'),
  'POST /repos/{owner}/{repo}/deployments': write('deployments'),
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': read('deployments'),
  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': write('deployments'),
  'GET /repos/{owner}/{repo}/commits/{ref}/statuses': read('statuses'),
  'POST /repos/{owner}/{repo}/statuses/{sha}': write('statuses'),
  'GET /repos/{owner}/{repo}/issues': read('issues'),
  'POST /repos/{owner}/{repo}/issues': write('issues'),
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}': write('issues'),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': read('pull-requests'),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': write('pull-requests'),
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': write('pull-requests'),
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': write('pull-requests'),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': read('pull-requests'),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': read('pull-requests'),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': read('pull-requests'),
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': read('pull-requests'),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': read('checks'),
  'GET /repos/{owner}/{repo}/branches/{branch}': read('contents'),
  'GET /repos/{owner}/{repo}/git/tags/{tag_sha}': read('contents'),
  'GET /repos/{owner}/{repo}/issues/{issue_number}': read('issues'),
  'GET /repos/{owner}/{repo}/code-scanning/alerts': read('security-events'),
  'GET /repos/{owner}/{repo}/code-scanning/analyses': read('security-events'),
  'GET /repos/{owner}/{repo}/dependabot/alerts': read('vulnerability-alerts'),
  'GET /repos/{owner}/{repo}/secret-scanning/alerts': read('secret-scanning-alerts'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': read('actions'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals': read('actions'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': read('actions'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs': read('actions'),
  'GET /repos/{owner}/{repo}/attestations/{subject_digest}': read('attestations'),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-suites': read('checks'),
  'query BranchRules': read('contents'),
  'query IssueEdits': read('issues'),
  'query PullEdits': read('pull-requests'),
};

export interface NeededPermission extends Permission {
  readonly why: string;
}

/** What a job needs that runs `canary`, `rollback` or `reconcile` with its record on GitHub; the first is a must. */
export const RECORD_PERMISSIONS: readonly NeededPermission[] = [
  { ...write('contents'), why: 'the ledger: commits on a ref of its own' },
  { ...read('actions'), why: 'to ask whether the run that owns a rollout still lives' },
  { ...write('deployments'), why: 'one deployment for each rollout' },
  { ...write('statuses'), why: 'one status on the commit that is rolled out' },
  { ...write('issues'), why: 'one issue for each rollout that was rolled back under traffic' },
];

/** As it stands in a workflow: `contents: write`. Null for a route that nobody listed. */
export function permissionFor(route: string): string | null {
  const permission = ROUTES[route];
  return permission === undefined ? null : `${permission.key}: ${permission.level}`;
}
