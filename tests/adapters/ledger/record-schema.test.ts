import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { readEntry, writeEntry } from '../../../src/adapters/ledger/entry-text.ts';
import type { ledgerEntrySchema, serviceRecordSchema } from '../../../src/adapters/ledger/record-schema.ts';
import type { ServiceRecord } from '../../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../../src/ports/ledger.ts';
import { wholeEntry } from './whole-entry.ts';

type Path = readonly (string | number)[];

const OPTIONAL = [
  'url',
  'reason.kpi',
  'detail',
  'evidence',
  'durationMs',
  'comparison',
  'policy',
  'require',
  // Entries from before there was such a budget.
  'budgets.record',
  'promoteEarly',
  'judge',
  'clumps',
  'corroboration',
];

/** Every place in a value, the value itself left out. */
function placesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [[...at, key], ...placesOf(Reflect.get(value, key), [...at, key])]);
}

/** A copy of the whole entry in which `change` has been done to what holds the place. */
function changed(path: Path, change: (holder: object, key: string | number) => void): string {
  const copy: unknown = structuredClone(wholeEntry);
  let holder: unknown = copy;
  for (const key of path.slice(0, -1)) holder = isObject(holder) ? Reflect.get(holder, key) : null;
  const key = path.at(-1);
  if (isObject(holder) && key !== undefined) change(holder, key);
  return JSON.stringify(copy);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const places = placesOf(wholeEntry);
const named = places.filter((path) => typeof path.at(-1) === 'string' && path.at(-1) !== 'error-rate');
const text = writeEntry('test', wholeEntry);

describe('the shape of a ledger entry', () => {
  it('is the same type as in the core', () => {
    expectTypeOf<z.infer<typeof ledgerEntrySchema>>().toExtend<LedgerEntry>();
    expectTypeOf<LedgerEntry>().toExtend<z.infer<typeof ledgerEntrySchema>>();
    expectTypeOf<z.infer<typeof serviceRecordSchema>>().toExtend<ServiceRecord>();
    expectTypeOf<ServiceRecord>().toExtend<z.infer<typeof serviceRecordSchema>>();
  });

  it('comes back as it was written', () => {
    expect(readEntry(text)).toEqual({ ok: true, entry: wholeEntry });
    expect(places.length).toBeGreaterThan(100);
  });

  it('is refused when a field is missing, unless that field is optional', () => {
    for (const path of named) {
      const read = readEntry(changed(path, (holder, key) => Reflect.deleteProperty(holder, key)));
      const place = path.join('.');
      const mayGo = OPTIONAL.some((field) => place.endsWith(`.${field}`)) && path.at(-2) !== 'shape';
      expect([place, read.ok]).toEqual([place, mayGo]);
    }
  });

  it('is refused when anything in it is of another kind', () => {
    for (const path of places) {
      const read = readEntry(changed(path, (holder, key) => Reflect.set(holder, key, { wrong: true })));
      expect([path.join('.'), read.ok]).toEqual([path.join('.'), false]);
    }
  });

  it('is refused when it says something that this release does not know', () => {
    for (const path of named) {
      const read = readEntry(changed(path, (holder) => Reflect.set(holder, 'fromTheFuture', 1)));
      expect([path.join('.'), read.ok]).toEqual([path.join('.'), false]);
    }
    expect(readEntry(text.replace('"schema":1', '"schema":2'))).toMatchObject({ ok: false });
    expect(readEntry(text.replace('guardrail-breached', 'bad-mood'))).toMatchObject({ ok: false });
  });

  it('is refused when its end is missing, wherever it was cut', () => {
    fc.assert(
      fc.property(fc.nat(text.trimEnd().length - 1), (length) => {
        const read = readEntry(text.slice(0, length));
        expect(read.ok).toBe(false);
      }),
    );
  });

  it('is refused when it is not an entry at all', () => {
    for (const other of ['', '\n', '\0\0\0\0', 'null', '[]', '{}', '42', '"text"']) {
      expect(readEntry(other).ok).toBe(false);
    }
  });
});
