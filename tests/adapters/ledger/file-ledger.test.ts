import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fileLedger, fileLedgerSchema } from '../../../src/adapters/ledger/file-ledger.ts';
import { claim, list, sweep, writeDraft } from '../../../src/adapters/ledger/file-store.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import type { AdapterContext } from '../../../src/ports/adapter-context.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { describeLedger, draftOf, ENVIRONMENT, SERVICE } from '../../contract/ledger.ts';

const { signal } = new AbortController();
const roots: string[] = [];

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'));
  roots.push(root);
  return root;
}

function open(path: string, keep = 200): Ledger {
  return fileLedger({ path, environment: ENVIRONMENT, service: SERVICE, keep });
}

afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

describeLedger('file ledger', async () => {
  const path = newRoot();
  return { open: () => open(path), close: async () => rmSync(path, { recursive: true, force: true }) };
});

describe('the files of a file ledger', () => {
  let path: string;
  let directory: string;
  let ledger: Ledger;

  beforeEach(async () => {
    path = newRoot();
    directory = join(path, ENVIRONMENT, SERVICE);
    ledger = open(path);
    await ledger.append(0, draftOf('v1'), signal);
    await ledger.append(1, draftOf('v2'), signal);
  });

  const file = (revision: number): string => join(directory, `${String(revision).padStart(12, '0')}.json`);

  it('are one for each revision, and nothing else', () => {
    expect(readdirSync(directory).sort()).toEqual(['000000000001.json', '000000000002.json']);
  });

  it('keep services and environments apart, whatever their names are', async () => {
    const names = ['booking', 'Booking', '../booking', 'booking/..', '.'];
    for (const service of names) {
      const record = { ...draftOf(service).record, service };
      const odd = fileLedger({ path, environment: ENVIRONMENT, service: `${service}!`, keep: 200 });
      const written = { ...draftOf(service), record: { ...record, service: `${service}!` } };
      expect(await odd.append(0, written, signal)).toMatchObject({ kind: 'appended' });
    }
    expect(readdirSync(path)).toEqual([ENVIRONMENT]);
    expect(readdirSync(join(path, ENVIRONMENT))).toHaveLength(names.length + 1);
  });

  it.each([
    ['is cut off', async (name: string) => truncate(name, 100)],
    ['is empty', async (name: string) => truncate(name, 0)],
    ['holds something else', async (name: string) => writeFile(name, 'not an entry')],
    ['is the entry of another revision', async (name: string) => copyFile(file(1), name)],
  ])('stop everything when the newest %s, and say which file and what to do', async (_, harm) => {
    await harm(file(2));
    const telling = { name: 'AdapterError', code: 'invalid-answer', retryable: false };
    const failure = await ledger.newest(signal).catch((error: unknown) => error);
    expect(failure).toMatchObject(telling);
    expect(String(failure)).toContain(file(2));
    expect(String(failure)).toMatch(/[Rr]estore the file from a backup/);
    await expect(ledger.history(5, signal)).rejects.toMatchObject(telling);
    await expect(ledger.append(1, draftOf('v3'), signal)).rejects.toMatchObject(telling);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it('stop everything when they were copied from another service', async () => {
    const other = fileLedger({ path, environment: 'staging', service: SERVICE, keep: 200 });
    await mkdir(join(path, 'staging', SERVICE), { recursive: true });
    await copyFile(file(2), join(path, 'staging', SERVICE, '000000000002.json'));
    await expect(other.newest(signal)).rejects.toThrow(
      /expected an entry of booking in staging .* booking in production/,
    );
  });

  it('do not mind strangers among them', async () => {
    await writeFile(join(directory, '.DS_Store'), 'x');
    await writeFile(join(directory, '000000000009.json.bak'), 'x');
    await writeFile(join(directory, '9.json'), 'x');
    expect((await ledger.newest(signal))?.revision).toBe(2);
    expect(await ledger.append(2, draftOf('v3'), signal)).toMatchObject({ kind: 'appended' });
    expect(readdirSync(directory)).toHaveLength(6);
  });

  it('say so when the ledger was deleted behind a running rollout', async () => {
    rmSync(directory, { recursive: true });
    await expect(ledger.append(2, draftOf('v3'), signal)).rejects.toThrow(/somebody has deleted the ledger/);
  });

  it('say so when a file stands where the directory should be', async () => {
    const root = newRoot();
    await writeFile(join(root, ENVIRONMENT), '');
    const failure = await open(root)
      .append(0, draftOf('v1'), signal)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'io', retryable: false });
    expect(String(failure)).toContain('move it away');
  });

  const root = process.getuid?.() === 0;
  it.skipIf(root)(
    `say so when they may not be written${root ? ' (skipped: needs a user other than root)' : ''}`,
    async () => {
      await chmod(directory, 0o555);
      const failure = await ledger.append(2, draftOf('v3'), signal).catch((error: unknown) => error);
      await chmod(directory, 0o755);
      expect(failure).toMatchObject({ code: 'io', retryable: false });
    },
  );
});

describe('the growth of a file ledger', () => {
  it('ends at the number of entries to keep, and the oldest go first', async () => {
    const ledger = open(newRoot(), 10);
    for (let revision = 0; revision < 25; revision += 1) {
      expect(await ledger.append(revision, draftOf(`v${revision + 1}`), signal)).toMatchObject({
        kind: 'appended',
      });
    }
    const kept = (await ledger.history(100, signal)).map((entry) => entry.revision);
    expect(kept).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16]);
    expect(await ledger.append(3, draftOf('ancient'), signal)).toMatchObject({
      kind: 'conflict',
      newest: { revision: 25 },
    });
  });

  it('takes away what a killed writer left, once it can be of no use', async () => {
    const path = newRoot();
    const directory = join(path, ENVIRONMENT, SERVICE);
    const ledger = open(path);
    await ledger.append(0, draftOf('v1'), signal);
    await writeDraft(directory, 2, 'half an ent');
    await writeDraft(directory, 1, 'half an ent');
    expect((await ledger.newest(signal))?.revision).toBe(1);
    expect(await ledger.append(1, draftOf('v2'), signal)).toMatchObject({ kind: 'appended' });
    expect(readdirSync(directory).sort()).toEqual(['000000000001.json', '000000000002.json']);
  });

  it('never frees an old revision for a writer that slept through it all', async () => {
    const path = newRoot();
    const directory = join(path, ENVIRONMENT, SERVICE);
    const ledger = open(path, 2);
    await ledger.append(0, draftOf('v1'), signal);
    // It has written its draft and has seen that revision 2 is free: now it is stopped.
    const draft = await writeDraft(directory, 2, 'the sleeper');
    for (let revision = 1; revision < 8; revision += 1) {
      await ledger.append(revision, draftOf(`v${revision + 1}`), signal);
    }
    expect((await list(directory)).entries).toEqual([7, 8]);
    expect(await claim(draft, directory, 2)).toBe(false);
    expect((await list(directory)).entries).toEqual([7, 8]);
  });

  it('keeps the entries when an older draft cannot be taken away', async () => {
    const path = newRoot();
    const directory = join(path, ENVIRONMENT, SERVICE);
    const ledger = open(path, 200);
    for (let revision = 0; revision < 5; revision += 1) await ledger.append(revision, draftOf('v'), signal);
    await mkdir(join(directory, '.draft-000000000002-stuck'));
    await expect(sweep(directory, 5, 2)).rejects.toThrow();
    expect((await list(directory)).entries).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('the file ledger in the configuration', () => {
  const context: AdapterContext = {
    service: SERVICE,
    environment: ENVIRONMENT,
    env: {},
    baseDir: newRoot(),
    clock: systemClock,
    commands: runCommand,
    mask: () => undefined,
  };

  it('has its place under the base directory when none is given', async () => {
    const ledger = fileLedgerSchema.parse({ type: 'file' }).create(context);
    await ledger.append(0, draftOf('v1'), signal);
    const written = join(context.baseDir, '.deploy-canary/ledger/production/booking/000000000001.json');
    expect(JSON.parse(await readFile(written, 'utf8'))).toEqual({ revision: 1, ...draftOf('v1') });
  });

  it.each([
    { type: 'file', path: '' },
    { type: 'file', keep: 1 },
    { type: 'file', keep: 12.5 },
    { type: 'file', pth: 'typo' },
    { type: 'git' },
  ])('refuses %j', (config) => {
    expect(fileLedgerSchema.safeParse(config).success).toBe(false);
  });
});
