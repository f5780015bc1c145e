/** Keys of `permissions:` in a workflow, as far as this product needs them. */
export type PermissionKey = 'actions' | 'contents' | 'deployments' | 'issues' | 'pull-requests' | 'statuses';

export interface Permission {
  readonly key: PermissionKey;
  readonly level: 'read' | 'write';
}

const read = (key: PermissionKey): Permission => ({ key, level: 'read' });
const write = (key: PermissionKey): Permission => ({ key, level: 'write' });

/** Every request that this product sends to GitHub, and the least that a token must be allowed for it. */
export const ROUTES: Readonly<Record<string, Permission>> = {
  'GET /repos/{owner}/{repo}/git/ref/{ref}': read('contents'),
  'GET /repos/{owner}/{repo}/contents/{path}': read('contents'),
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': read('contents'),
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': read('contents'),
  'POST /repos/{owner}/{repo}/git/trees': write('contents'),
  'POST /repos/{owner}/{repo}/git/commits': write('contents'),
  'POST /repos/{owner}/{repo}/git/refs': write('contents'),
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': write('contents'),
};

/** As it stands in a workflow: `contents: write`. Null for a route that nobody listed. */
export function permissionFor(route: string): string | null {
  const permission = ROUTES[route];
  return permission === undefined ? null : `${permission.key}: ${permission.level}`;
}
