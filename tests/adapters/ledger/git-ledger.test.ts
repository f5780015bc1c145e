import { describe, expect, it } from 'vitest';
import { gitLedger, refOf } from '../../../src/adapters/ledger/git-ledger.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { describeLedger, draftOf, ENVIRONMENT, SERVICE } from '../../contract/ledger.ts';
import { type GitHub, startGitHub } from '../../support/github/github.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, type JobOnGitHub, REPOSITORY } from '../../support/on-github.ts';

const { signal } = new AbortController();
const REF = `refs/${refOf(ENVIRONMENT, SERVICE)}`;

function open(github: GitHub, job: JobOnGitHub = {}): Ledger {
  return gitLedger({ forge: forgeOn(github, job), environment: ENVIRONMENT, service: SERVICE });
}

async function githubWithRepository(options: Parameters<typeof githubForTest>[0] = {}): Promise<GitHub> {
  const github = await githubForTest(options);
  seed(github);
  return github;
}

function seed(github: GitHub): void {
  const [owner = '', name = ''] = REPOSITORY.split('/');
  github.seed.repository({ owner, name });
}

describeLedger('git ref on GitHub', async () => {
  const github = await startGitHub();
  seed(github);
  const close = async (): Promise<void> => {
    await github.stop();
    expect(github.violations()).toEqual([]);
  };
  return { open: () => open(github), close };
});

describeLedger('git ref on GitHub Enterprise Server', async () => {
  const github = await startGitHub({ flavour: 'ghes' });
  seed(github);
  return { open: () => open(github), close: () => github.stop() };
});
