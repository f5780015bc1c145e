import { readFileSync } from 'node:fs';
import { fields, isFields, text } from './json.ts';
import { Refusal } from './refusal.ts';

export type Access = 'read' | 'write';

export interface Token {
  readonly login: string;
  /** `installation`: a workflow's GITHUB_TOKEN or another app's token. `user`: a personal one. */
  readonly type: 'installation' | 'user';
  /** As in a workflow's `permissions:`; `metadata: read` comes with every token. */
  readonly permissions: Readonly<Record<string, Access>>;
  /** `owner/name` of the repositories it was made for; left out: all. */
  readonly repositories?: readonly string[];
}

export interface Need {
  readonly permission: string;
  readonly access: Access;
}

const table = fields(JSON.parse(readFileSync(new URL('permissions.json', import.meta.url), 'utf8')));

/** Any one of these is enough; an empty list: any token will do. Null: no installation token can do it. */
export function needsOf(operationId: string): readonly Need[] | null {
  const row = fields(table.operations)[operationId];
  if (row === null) return null;
  if (!isFields(row)) throw new Error(`permissions.json has no row for ${operationId}`);
  return Object.keys(row).map((permission) => {
    return { permission, access: text(row, permission) === 'write' ? 'write' : 'read' };
  });
}

export function mayCall(token: Token, needs: readonly Need[] | null): boolean {
  if (needs === null) return token.type === 'user';
  return needs.length === 0 || needs.some(({ permission, access }) => holds(token, permission, access));
}

function holds(token: Token, permission: string, access: Access): boolean {
  const held = permission === 'metadata' ? 'read' : token.permissions[permission];
  return held === 'write' || (held === 'read' && access === 'read');
}

/**
 * GitHub hides what a token may not see, and names what it may not do.
 * https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource
 */
export function refusalFor(token: Token, method: string, isPrivate: boolean): Refusal {
  if (method === 'GET' && isPrivate) return new Refusal(404, 'Not Found');
  const who = token.type === 'installation' ? 'integration' : 'personal access token';
  return new Refusal(403, `Resource not accessible by ${who}`);
}

/** The `x-accepted-github-permissions` header: alternatives are parted by semicolons. */
export const acceptedHeader = (needs: readonly Need[] | null): string =>
  (needs ?? []).map(({ permission, access }) => `${permission.replaceAll('-', '_')}=${access}`).join('; ');

/** What a token needs for all of these requests; where any one of several is enough, one that is needed anyhow. */
export function leastPermissions(
  requests: readonly { readonly needs: readonly Need[] }[],
): Readonly<Record<string, Access>> {
  const least: Record<string, Access> = {};
  const fewestFirst = [...requests].sort((a, b) => a.needs.length - b.needs.length);
  for (const { needs } of fewestFirst) {
    const need = needs.find(({ permission }) => least[permission] !== undefined) ?? needs[0];
    if (need === undefined || need.permission === 'metadata') continue;
    if (least[need.permission] !== 'write') least[need.permission] = need.access;
  }
  return least;
}
