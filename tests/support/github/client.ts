import { getOctokit } from '@actions/github';
import type { GitHub } from './github.ts';
import type { Access } from './permissions.ts';

export type Octokit = ReturnType<typeof getOctokit>;

const EVERYTHING: Readonly<Record<string, Access>> = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  'pull-requests': 'write',
  'security-events': 'read',
  statuses: 'write',
};

/** The client that actions use, with a workflow's token of these permissions. */
export function clientOf(
  github: GitHub,
  permissions: Readonly<Record<string, Access>> = EVERYTHING,
): Octokit {
  const value = `ghs_${Object.entries(permissions).flat().join('_')}`;
  github.seed.token(value, { login: 'github-actions[bot]', type: 'installation', permissions });
  return getOctokit(value, { baseUrl: github.url });
}

/** What a refused call was refused with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly status: unknown; readonly message: string }> {
  const error = await call.then(
    () => new Error('expected a refusal, saw an answer'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw error;
  return { status: 'status' in error ? error.status : undefined, message: error.message };
}
