import { createGitHub } from '../../src/adapters/github/client.ts';
import { RECORD_PERMISSIONS } from '../../src/adapters/github/permissions.ts';
import { systemClock } from '../../src/adapters/runner/clock.ts';
import type { Forge } from '../../src/ports/forge.ts';
import type { GitHub } from './github/github.ts';
import type { Access } from './github/permissions.ts';

export const REPOSITORY = 'shine/booking';

/** Puts the repository there. */
export function seedRepository(github: GitHub): void {
  const [owner = '', name = ''] = REPOSITORY.split('/');
  github.seed.repository({ owner, name });
}

/** What a canary job asks for in its `permissions:`. */
export const CANARY_PERMISSIONS: Readonly<Record<string, Access>> = Object.fromEntries(
  RECORD_PERMISSIONS.map(({ key, level }) => [key, level]),
);

export interface JobOnGitHub {
  readonly permissions?: Readonly<Record<string, Access>>;
  /** For one request. */
  readonly timeout?: number;
}

/** The environment that GitHub gives to a job of the repository, its token included. */
export function jobEnv(
  github: GitHub,
  { permissions = CANARY_PERMISSIONS }: JobOnGitHub = {},
): NodeJS.ProcessEnv {
  const token = `ghs_${Object.entries(permissions).flat().join('_')}`;
  github.seed.token(token, { login: 'github-actions[bot]', type: 'installation', permissions });
  return {
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: github.url.replace(/\/api\/v3$/, ''),
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_TOKEN: token,
  };
}

/** The product's own client, as that job would make it; its pauses are as short as they may be. */
export function forgeOn(github: GitHub, job: JobOnGitHub = {}): Forge {
  const { timeout = 2_000 } = job;
  const mask = (): void => undefined;
  return createGitHub({ env: jobEnv(github, job), clock: systemClock, mask, timeout, random: () => 0.02 });
}
