import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileAcceptedRuns } from '../../../src/adapters/ledger/file-accepted-runs.ts';
import { acceptedRef, gitAcceptedRuns } from '../../../src/adapters/ledger/git-accepted-runs.ts';
import type { AcceptedRun } from '../../../src/core/load/load-test.ts';
import type { AcceptedRuns } from '../../../src/ports/accepted-runs.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();
const KEY = { service: 'booking-api', environment: 'staging', test: 'staging' };

function run(rate: number): AcceptedRun {
  const quantiles = [{ quantile: 0.95, ms: 120 }];
  return {
    at: 1_790_000_000_000,
    version: 'v2',
    sha: 'a'.repeat(40),
    required: 400,
    rate,
    errorRate: 0,
    requests: 9,
    quantiles,
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'accepted-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const PLACES: readonly [string, () => Promise<() => AcceptedRuns>][] = [
  [
    'in files',
    () => {
      const path = folder();
      return Promise.resolve(() => fileAcceptedRuns(path, KEY));
    },
  ],
  [
    'on a git ref',
    async () => {
      const github = await githubForTest();
      seedRepository(github);
      return () => gitAcceptedRuns(forgeOn(github), KEY);
    },
  ],
];

describe.each(PLACES)('accepted runs %s', (_name, place) => {
  it('are none at first, and then the newest that was kept', async () => {
    const open = await place();
    expect(await open().newest(signal)).toBeNull();
    expect(await open().keep(0, run(420), signal)).toBe('kept');
    expect(await open().keep(1, run(430), signal)).toBe('kept');
    expect(await open().newest(signal)).toEqual({ revision: 2, run: run(430) });
  });

  it('are kept by one of two that go on from the same one', async () => {
    const open = await place();
    await open().keep(0, run(420), signal);
    const both = await Promise.all([open().keep(1, run(1), signal), open().keep(1, run(2), signal)]);
    expect(both.toSorted()).toEqual(['kept', 'superseded']);
    expect(await open().keep(1, run(3), signal)).toBe('superseded');
    expect((await open().newest(signal))?.revision).toBe(2);
  });
});

describe('an accepted run that is not whole', () => {
  it('is told, and never taken for none', async () => {
    const path = folder();
    const runs = fileAcceptedRuns(path, KEY);
    await runs.keep(0, run(420), signal);
    const place = join(path, 'staging/booking-api/staging');
    const [file = ''] = readdirSync(place);
    writeFileSync(join(place, file), '{"schemaVersion":1,');
    await expect(runs.newest(signal)).rejects.toMatchObject({ code: 'invalid-answer' });
  });

  it('of another test is not believed', async () => {
    const path = folder();
    const other = fileAcceptedRuns(path, { ...KEY, test: 'other' });
    await other.keep(0, run(420), signal);
    mkdirSync(join(path, 'staging/booking-api/staging'), { recursive: true });
    const [from, to] = ['other', 'staging'].map((test) => join(path, 'staging/booking-api', test));
    rmSync(to ?? '', { recursive: true });
    renameSync(from ?? '', to ?? '');
    await expect(fileAcceptedRuns(path, KEY).newest(signal)).rejects.toThrow(
      'a run of booking-api staging other',
    );
  });
});

describe('the ref of accepted runs', () => {
  it('is a name that git takes, whatever the test is called', () => {
    expect(acceptedRef({ ...KEY, test: 'a..b.lock' })).toBe(
      'deploy-canary-load/staging/booking-api/a%2e%2eb%2elock',
    );
  });
});
