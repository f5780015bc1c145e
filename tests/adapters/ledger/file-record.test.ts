import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileRecord } from '../../../src/adapters/ledger/file-record.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';

const signal = new AbortController().signal;

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'record-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The record as each process opens it for itself. */
const open = (path: string) =>
  fileRecord({ path, service: 'back-end', environment: 'staging', clock: systemClock });

const deployment = (id: string) => ({
  version: `v1.0.${id}`,
  sha: 'a'.repeat(40),
  migrations: null,
  owner: { id, kind: 'process', runId: id, host: 'here', pid: 1, processStart: 'x', name: 'ann' } as const,
});

describe('a record of deployments in files', () => {
  it('is empty before the first, and shows the newest first', async () => {
    const record = open(place());
    expect(await record.history(signal)).toEqual([]);
    await record.begin(deployment('1'), signal);
    await record.begin(deployment('2'), signal);
    await record.mark('1', { state: 'failure', description: 'deploy was not green' }, signal);
    const seen = (await record.history(signal)).map(({ id, state }) => [id, state]);
    expect(seen).toEqual([
      ['2', 'in_progress'],
      ['1', 'failure'],
    ]);
  });

  it('loses nothing of those who begin and end at once', async () => {
    const path = place();
    const ids = Array.from({ length: 8 }, (_, index) => String(index));
    await Promise.all(
      ids.map(async (id) => {
        const record = open(path);
        await record.begin(deployment(id), signal);
        await record.mark(id, { state: 'failure', description: `the end of ${id}` }, signal);
      }),
    );
    const all = await open(path).history(signal);
    expect(all.map(({ id }) => id).sort()).toEqual(ids);
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['failure']));
    expect(readdirSync(join(path, 'staging', 'back-end.deployments')).length).toBeLessThanOrEqual(5);
  });

  it('that is broken says which file, and is not taken for an empty one', async () => {
    const path = place();
    await open(path).begin(deployment('1'), signal);
    writeFileSync(join(path, 'staging', 'back-end.deployments', '000000000002.json'), '{');
    const why = /expected deployments in .*000000000002\.json, saw .*; mend the file, or move it away/;
    await expect(open(path).history(signal)).rejects.toThrow(why);
    await expect(open(path).begin(deployment('2'), signal)).rejects.toThrow(why);
  });
});
