import { describe, expect, it } from 'vitest';
import { gitLedger, refOf } from '../../../src/adapters/ledger/git-ledger.ts';
import { moveRef, writeCommit } from '../../../src/adapters/ledger/git-objects.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { describeLedger, draftOf, ENVIRONMENT, SERVICE } from '../../contract/ledger.ts';
import type { Fault } from '../../support/github/faults.ts';
import { type GitHub, startGitHub } from '../../support/github/github.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, type JobOnGitHub, REPOSITORY, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();
const REF = `refs/${refOf(ENVIRONMENT, SERVICE)}`;

function open(github: GitHub, job: JobOnGitHub = {}): Ledger {
  return gitLedger({ forge: forgeOn(github, job), environment: ENVIRONMENT, service: SERVICE });
}

async function githubWithRepository(options: Parameters<typeof githubForTest>[0] = {}): Promise<GitHub> {
  const github = await githubForTest(options);
  seedRepository(github);
  return github;
}

describeLedger('git ref on GitHub', async () => {
  const github = await startGitHub();
  seedRepository(github);
  const close = async (): Promise<void> => {
    await github.stop();
    expect(github.violations()).toEqual([]);
  };
  return { open: () => open(github), close };
});

describeLedger('git ref on GitHub Enterprise Server', async () => {
  const github = await startGitHub({ flavour: 'ghes' });
  seedRepository(github);
  return { open: () => open(github), close: () => github.stop() };
});

describe('the ref of a git ledger', () => {
  it('is one for each environment and service, and its commits tell the story', async () => {
    const github = await githubWithRepository();
    const ledger = open(github);
    await ledger.append(0, draftOf('v1'), signal);
    await ledger.append(1, draftOf('v2'), signal);
    const { refs, commits } = github.repository(REPOSITORY);
    expect([...refs.keys()].sort()).toEqual([REF, 'refs/heads/main']);
    const tip = commits.get(refs.get(REF) ?? '');
    expect(tip?.message).toMatch(/^promoted v2\n\n[\s\S]*\nRevision: 2\n/);
    expect(tip?.parents).toHaveLength(1);
    expect(commits.get(tip?.parents[0] ?? '')?.parents, 'the first entry has nothing before it').toEqual([]);
  });

  it.each([
    ['production', 'booking-api', 'deploy-canary/production/booking-api'],
    ['eu.west', 'a..b', 'deploy-canary/eu%2ewest/a%2e%2eb'],
    ['Prod', 'x.lock', 'deploy-canary/%50rod/x%2elock'],
    ['.', '~^:', 'deploy-canary/%2e/%7e%5e%3a'],
  ])('has a name that git allows for %s and %s', (environment, service, ref) => {
    expect(refOf(environment, service)).toBe(ref);
  });

  it('keeps odd names apart', async () => {
    const github = await githubWithRepository();
    for (const service of ['booking', 'Booking', 'booking.lock', '../booking', 'a b']) {
      const ledger = gitLedger({ forge: forgeOn(github), environment: ENVIRONMENT, service });
      const draft = draftOf(service);
      const appended = await ledger.append(0, { ...draft, record: { ...draft.record, service } }, signal);
      expect([service, appended.kind]).toEqual([service, 'appended']);
    }
  });

  it('is asked for in 3 requests for a write, 2 for a first look and 1 for every later one', async () => {
    const github = await githubWithRepository();
    const forge = forgeOn(github);
    const ledger = gitLedger({ forge, environment: ENVIRONMENT, service: SERVICE });
    const asked = async (action: () => Promise<unknown>): Promise<number> => {
      const before = forge.usage().requests;
      await action();
      return forge.usage().requests - before;
    };
    expect(await asked(() => ledger.newest(signal)), 'nothing is there yet').toBe(1);
    await ledger.append(0, draftOf('v1'), signal);
    expect(await asked(() => ledger.append(1, draftOf('v2'), signal))).toBe(3);
    expect(await asked(() => ledger.newest(signal)), 'what we wrote ourselves').toBe(1);
    await open(github).append(2, draftOf('v3'), signal);
    expect(await asked(() => ledger.newest(signal)), 'what somebody else wrote').toBe(2);
  });

  it('that somebody deleted under a writer is told, not made anew', async () => {
    const github = await githubWithRepository();
    const ledger = open(github);
    await ledger.append(0, draftOf('v1'), signal);
    const params = { ref: refOf(ENVIRONMENT, SERVICE) };
    const route = 'DELETE /repos/{owner}/{repo}/git/refs/{ref}';
    await forgeOn(github).request({ route, params, answer: { parse: () => null } }, signal);
    await expect(ledger.append(1, draftOf('v2'), signal)).rejects.toThrow('somebody has deleted the ledger');
  });

  it.each([
    ['is no entry', '{"revision":1}', 'saw something else'],
    [
      'is of another service',
      JSON.stringify({
        ...{ revision: 1, ...draftOf('v1') },
        record: { ...draftOf('v1').record, service: 'other' },
      }),
      'saw one of other',
    ],
  ])('whose record %s is refused', async (_, content, words) => {
    const github = await githubWithRepository();
    const forge = forgeOn(github);
    const commit = await writeCommit(forge, { text: content, message: 'by hand', parent: null }, signal);
    await moveRef(forge, refOf(ENVIRONMENT, SERVICE), { from: null, to: commit }, signal);
    await expect(open(github).newest(signal)).rejects.toThrow(words);
  });
});

const WRITES = ['git/create-tree', 'git/create-commit', 'git/create-ref', 'git/update-ref'];

describe('a write to a git ledger, when one of its requests', () => {
  const faults: readonly Fault[] = [
    { do: 'server-error', status: 502 },
    { do: 'cut' },
    { do: 'lose-answer' },
    { do: 'secondary-limit', retryAfterSeconds: 0 },
  ];
  const cases = WRITES.flatMap((operation) => faults.map((fault) => ({ operation, fault })));

  it.each(cases)('$operation meets "$fault.do" is there once all the same', async ({ operation, fault }) => {
    const github = await githubWithRepository();
    const ledger = open(github);
    const first = operation === 'git/create-ref';
    if (!first) await ledger.append(0, draftOf('v1'), signal);
    github.fault({ fault, operations: [operation] });
    const expected = first ? 0 : 1;
    expect(await ledger.append(expected, draftOf('v2'), signal)).toMatchObject({ kind: 'appended' });
    expect((await open(github).history(10, signal)).map(({ note }) => note)).toEqual(
      first ? ['promoted v2'] : ['promoted v2', 'promoted v1'],
    );
  });

  it('moves the ref but loses every answer is found written by the next attempt, which says so', async () => {
    const github = await githubWithRepository();
    const ledger = open(github);
    await ledger.append(0, draftOf('v1'), signal);
    github.fault({ fault: { do: 'lose-answer' }, operations: ['git/update-ref'], times: 4 });
    await expect(ledger.append(1, draftOf('v2'), signal)).rejects.toMatchObject({ retryable: true });
    github.clearFaults();
    const again = await ledger.append(1, draftOf('v2'), signal);
    expect(again).toMatchObject({ kind: 'conflict', newest: { revision: 2, note: 'promoted v2' } });
  });

  it('hangs ends in time, and another writer is not held up', async () => {
    const github = await githubWithRepository();
    const ledger = open(github);
    await ledger.append(0, draftOf('v1'), signal);
    github.fault({ fault: { do: 'hang' }, operations: ['git/create-commit'], times: 100 });
    const began = performance.now();
    await expect(ledger.append(1, draftOf('v2'), AbortSignal.timeout(300))).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(performance.now() - began).toBeLessThan(1_500);
    github.clearFaults();
    expect(await open(github).append(1, draftOf('v3'), signal)).toMatchObject({ kind: 'appended' });
  });

  it('is refused by a token without the right names the permission that is missing', async () => {
    const github = await githubWithRepository();
    const reader = open(github, { permissions: { contents: 'read' } });
    await expect(reader.append(0, draftOf('v1'), signal)).rejects.toThrow(
      '`permissions: { contents: write }`',
    );
  });

  it('reads what is older than its own last write is not taken back by it', async () => {
    const github = await githubWithRepository();
    const ledger = open(github);
    await ledger.append(0, draftOf('v1'), signal);
    await ledger.append(1, draftOf('v2'), signal);
    github.fault({ fault: { do: 'stale', writes: 1 }, operations: ['git/get-ref'], times: 1 });
    expect((await ledger.newest(signal))?.revision).toBe(2);
  });
});
