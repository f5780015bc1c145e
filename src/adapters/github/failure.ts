import { formatDuration, type Milliseconds } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import { permissionFor } from './permissions.ts';
import { messageIn, type Reply } from './reply.ts';
import { isThrottled } from './throttle.ts';

export const PROVIDER = 'github';

export interface Asked {
  readonly route: string;
  readonly tokenEnv: string;
  readonly timeout: Milliseconds;
}

/** The failure that a reply is, in words that say what to change. */
export function failureOf(reply: Reply, { route, tokenEnv, timeout }: Asked): AdapterError {
  const place = `GitHub to answer ${route}`;
  if (reply.kind === 'unanswered') {
    const cure = 'check githubstatus.com, GITHUB_API_URL and the proxy';
    if (reply.why !== 'late')
      return failed('unreachable', true, `expected ${place}, saw ${reply.why}; ${cure}`);
    return failed(
      'timeout',
      true,
      `expected ${place} within ${formatDuration(timeout)}, saw nothing; ${cure}`,
    );
  }
  const { status, headers, data } = reply;
  if (status < 300)
    return failed('invalid-answer', true, `expected ${place} with JSON, saw a part of it or none; try again`);
  const seen = `${status} (${messageIn(data)})`;
  if (isThrottled(status, headers, data))
    return failed('refused', true, `expected ${place}, saw ${seen}; it asks for fewer requests`);
  if (status === 401) {
    const cure = `set ${tokenEnv} from \${{ github.token }}, or renew it: it ends with its job`;
    return failed('unauthorized', false, `expected GitHub to accept the token, saw ${seen}; ${cure}`);
  }
  if (status === 403) return failed('unauthorized', false, forbidden(route, seen, headers));
  if (status >= 500) return failed('refused', true, `expected ${place}, saw ${seen}; check githubstatus.com`);
  return failed('refused', false, `expected ${place}, saw ${seen}; ${cureOf(status, route)}`);
}

/** GitHub says in a header which permissions would have been enough. Of several ways, the one that our table has. */
function forbidden(route: string, seen: string, headers: Readonly<Record<string, unknown>>): string {
  const told = headers['x-accepted-github-permissions'];
  const ways = typeof told === 'string' && told !== '' ? told.split(';').map(writtenAsKeys) : [];
  const known = permissionFor(route);
  const wanted = ways.find((way) => way === known) ?? ways[0] ?? known;
  const cure =
    wanted === null ? 'give the token more permissions' : `add to the job: \`permissions: { ${wanted} }\``;
  return `expected to be allowed to ${route}, saw ${seen}; ${cure}`;
}

/** `contents=write, pull_requests=read` as a workflow writes it. */
function writtenAsKeys(way: string): string {
  return way
    .split(',')
    .map((pair) => pair.trim().replaceAll('_', '-').replace('=', ': '))
    .join(', ');
}

function cureOf(status: number, route: string): string {
  const wanted = permissionFor(route);
  if (status !== 404) return 'check the repository and its rules';
  const permission = wanted === null ? '' : ` and that the job has \`permissions: { ${wanted} }\``;
  return `check GITHUB_REPOSITORY${permission}`;
}

export function stopped(route: string): AdapterError {
  return failed('timeout', true, `expected GitHub to answer ${route} in time, saw the call stopped before`);
}

export function failed(code: AdapterError['code'], retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}
