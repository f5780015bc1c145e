import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { githubRecord } from '../../../src/adapters/github/deployment-record.ts';
import { fileRecord } from '../../../src/adapters/ledger/file-record.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import type { Owner } from '../../../src/core/rollout/record.ts';
import type { DeploymentRecord } from '../../../src/ports/deployment-record.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, REPOSITORY, seedRepository } from '../../support/on-github.ts';

const never = new AbortController().signal;
const ownerOf = (id: string): Owner => ({
  ...{ id, kind: 'github-run', runId: '1', host: 'h', pid: 1, processStart: 'linux|b|n|1', name: 'ann' },
});
const clock = { ...systemClock, sleep: async () => undefined };

async function onGitHub() {
  const github = await githubForTest();
  seedRepository(github);
  const sha = github.seed.commit(REPOSITORY, { files: { 'a.txt': 'a' } });
  const links = { environment: 'https://staging.example.com', log: 'https://example.com/log' };
  const make = (service: string): DeploymentRecord =>
    githubRecord({ forge: () => forgeOn(github), service, environment: 'staging', links, clock });
  return { github, sha, make };
}

async function inFile() {
  const path = mkdtempSync(join(tmpdir(), 'record-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const make = (service: string): DeploymentRecord =>
    fileRecord({ path, service, environment: 'staging', clock });
  return { path, sha: 'a'.repeat(40), make };
}

describe.each([
  ['on GitHub', onGitHub],
  ['in a file', inFile],
] as const)('the record %s', (_, open) => {
  it('begins, succeeds, and shows what came last of this service alone, newest first', async () => {
    const { sha, make } = await open();
    const [record, other] = [make('back-end'), make('front-end')];
    const first = await record.begin(
      { version: 'v1', sha, migrations: 'd1', owner: ownerOf('1-1-a-x') },
      never,
    );
    expect((await record.history(never))[0]).toMatchObject({
      id: first,
      state: 'in_progress',
      version: 'v1',
    });
    await record.mark(first, { state: 'success', description: 'in place' }, never);
    await other.begin({ version: 'v9', sha, migrations: null, owner: ownerOf('1-1-a-x') }, never);
    const second = await record.begin(
      { version: 'v2', sha, migrations: 'd2', owner: ownerOf('2-1-a-y') },
      never,
    );
    await record.mark(second, { state: 'failure', description: 'health was not green' }, never);
    const seen = (await record.history(never)).map(({ version, state, migrations, owner }) => [
      version,
      state,
      migrations,
      owner.id,
    ]);
    expect(seen).toEqual([
      ['v2', 'failure', 'd2', '2-1-a-y'],
      ['v1', 'success', 'd1', '1-1-a-x'],
    ]);
  });
});

describe('the record on GitHub', () => {
  it('never makes two deployments when the answer to the first was lost, even if GitHub shows it late', async () => {
    const { github, sha, make } = await onGitHub();
    const record = make('back-end');
    github.fault({ fault: { do: 'lose-answer' }, operations: ['repos/create-deployment'] });
    github.fault({ fault: { do: 'stale', writes: 1 }, operations: ['repos/list-deployments'] });
    const id = await record.begin({ version: 'v1', sha, migrations: null, owner: ownerOf('1-1-a-x') }, never);
    expect([...github.repository(REPOSITORY).deployments.keys()].map(String)).toEqual([id]);
  });

  it('says that it cannot when it was never taken, and has begun nothing', async () => {
    const { github, sha, make } = await onGitHub();
    github.fault({
      fault: { do: 'server-error', status: 502 },
      operations: ['repos/create-deployment'],
      times: 'always',
    });
    const begun = make('back-end').begin(
      { version: 'v1', sha, migrations: null, owner: ownerOf('1-1-a-x') },
      never,
    );
    await expect(begun).rejects.toThrow('saw 502');
    expect(github.repository(REPOSITORY).deployments.size).toBe(0);
  });

  it('writes a status whose answer was lost no second time', async () => {
    const { github, sha, make } = await onGitHub();
    const record = make('back-end');
    const id = await record.begin({ version: 'v1', sha, migrations: null, owner: ownerOf('1-1-a-x') }, never);
    github.fault({ fault: { do: 'lose-answer' }, operations: ['repos/create-deployment-status'] });
    await record.mark(id, { state: 'success', description: 'in place' }, never);
    const [deployment] = [...github.repository(REPOSITORY).deployments.values()];
    expect(deployment?.statuses.map(({ state }) => state)).toEqual(['success']);
  });

  it('names a commit that the repository does not know', async () => {
    const { make } = await onGitHub();
    const wanted = { version: 'v1', sha: 'b'.repeat(40), migrations: null, owner: ownerOf('1-1-a-x') };
    await expect(make('back-end').begin(wanted, never)).rejects.toThrow('push it first');
  });
});

describe('the record in a file', () => {
  it('does not take a broken file for an empty one', async () => {
    const { path, make, sha } = await inFile();
    const record = make('back-end');
    await record.begin({ version: 'v1', sha, migrations: null, owner: ownerOf('1') }, never);
    const directory = join(path, 'staging', 'back-end.deployments');
    expect(readdirSync(directory)).toEqual(['000000000001.json']);
    writeFileSync(join(directory, '000000000001.json'), '{"schema":1,"deploy');
    await expect(record.history(never)).rejects.toThrow('mend the file');
  });
});
