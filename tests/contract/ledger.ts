import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyRecord, type ServiceRecord } from '../../src/core/rollout/record.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { Ledger, LedgerEntry } from '../../src/ports/ledger.ts';

export const SERVICE = 'booking';
export const ENVIRONMENT = 'production';

/** The ledger must be that of SERVICE in ENVIRONMENT. */
export interface LedgerHarness {
  /** Opens the same empty ledger once more, as another process would. */
  readonly open: () => Ledger;
  readonly close: () => Promise<void>;
}

export function recordOf(version: string): ServiceRecord {
  return { ...emptyRecord(SERVICE, ENVIRONMENT), stable: { slot: 'a', version }, promoted: [version] };
}

export function draftOf(version: string, at = 1_000): Omit<LedgerEntry, 'revision'> {
  return { at, note: `promoted ${version}`, record: recordOf(version) };
}

/** What every ledger must do, whatever it keeps its entries in. */
export function describeLedger(name: string, make: () => Promise<LedgerHarness>): void {
  describe(`${name} as a ledger`, () => {
    const { signal } = new AbortController();
    let harness: LedgerHarness;
    let ledger: Ledger;

    beforeEach(async () => {
      harness = await make();
      ledger = harness.open();
    });
    afterEach(() => harness.close());

    async function write(count: number): Promise<void> {
      for (let revision = 0; revision < count; revision += 1) {
        const appended = await ledger.append(revision, draftOf(`v${revision + 1}`, revision), signal);
        expect(appended.kind).toBe('appended');
      }
    }

    it('knows nothing before the first entry', async () => {
      expect(await ledger.newest(signal)).toBeNull();
      expect(await ledger.history(10, signal)).toEqual([]);
    });

    it('gives the first entry revision 1 and tells it back as it was written', async () => {
      const draft = draftOf('v1');
      const appended = await ledger.append(0, draft, signal);
      expect(appended).toEqual({ kind: 'appended', entry: { revision: 1, ...draft } });
      expect(await ledger.newest(signal)).toEqual({ revision: 1, ...draft });
    });

    it('counts up by one for each entry', async () => {
      await write(3);
      expect((await ledger.newest(signal))?.revision).toBe(3);
    });

    it('refuses an entry that was made from an older one, and shows the newest', async () => {
      await write(2);
      const late = await ledger.append(1, draftOf('late'), signal);
      expect(late).toEqual({ kind: 'conflict', newest: { revision: 2, ...draftOf('v2', 1) } });
      expect((await ledger.newest(signal))?.note).toBe('promoted v2');
    });

    it('refuses a first entry when there is one already', async () => {
      await write(1);
      expect(await ledger.append(0, draftOf('late'), signal)).toMatchObject({
        kind: 'conflict',
        newest: { revision: 1, note: 'promoted v1' },
      });
    });

    it('refuses an entry that skips a revision', async () => {
      await write(1);
      expect(await ledger.append(7, draftOf('early'), signal)).toMatchObject({
        kind: 'conflict',
        newest: { revision: 1 },
      });
      expect((await ledger.newest(signal))?.revision).toBe(1);
    });

    it('fails when it is asked to go on from an entry that never was', async () => {
      await expect(ledger.append(3, draftOf('v4'), signal)).rejects.toBeInstanceOf(AdapterError);
      expect(await ledger.newest(signal)).toBeNull();
    });

    it('lets one of two writers win when both go on from the same entry', async () => {
      await write(1);
      const other = harness.open();
      const both = await Promise.all([
        ledger.append(1, draftOf('mine'), signal),
        other.append(1, draftOf('theirs'), signal),
      ]);
      expect(both.map((one) => one.kind).sort()).toEqual(['appended', 'conflict']);
      const winner = both.find((one) => one.kind === 'appended');
      const loser = both.find((one) => one.kind === 'conflict');
      expect(loser).toEqual({ kind: 'conflict', newest: winner?.entry });
      expect(await other.newest(signal)).toEqual(winner?.entry);
    });

    it('tells the history newest first, and no more of it than it was asked for', async () => {
      await write(5);
      const notes = async (limit: number) => (await ledger.history(limit, signal)).map(({ note }) => note);
      expect(await notes(10)).toEqual(['v5', 'v4', 'v3', 'v2', 'v1'].map((version) => `promoted ${version}`));
      expect(await notes(2)).toEqual(['promoted v5', 'promoted v4']);
      expect(await notes(0)).toEqual([]);
    });

    it('is still there for the next process', async () => {
      await write(2);
      const next = harness.open();
      expect((await next.newest(signal))?.revision).toBe(2);
      expect(await next.append(2, draftOf('v3'), signal)).toMatchObject({ kind: 'appended' });
      expect((await ledger.newest(signal))?.revision).toBe(3);
    });

    it('keeps every character of a note', async () => {
      const note = 'aborted: "P95" > 800 ms\n\u2028 \u{1f6a8} \\ </script>';
      await ledger.append(0, { ...draftOf('v1'), note }, signal);
      expect((await ledger.newest(signal))?.note).toBe(note);
    });

    it('never writes what could not be read back', async () => {
      const poison = { ...draftOf('v1'), at: Number.NaN };
      await expect(ledger.append(0, poison, signal)).rejects.toMatchObject({ code: 'invalid-answer' });
      expect(await ledger.newest(signal)).toBeNull();
    });

    it('writes nothing once it was told to stop', async () => {
      const stopped = AbortSignal.abort();
      await expect(ledger.append(0, draftOf('v1'), stopped)).rejects.toBeInstanceOf(AdapterError);
      await expect(ledger.newest(stopped)).rejects.toBeInstanceOf(AdapterError);
      await expect(ledger.history(1, stopped)).rejects.toBeInstanceOf(AdapterError);
      expect(await ledger.newest(signal)).toBeNull();
    });
  });
}
