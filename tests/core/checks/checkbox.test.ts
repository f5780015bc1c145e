import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decideCheckbox } from '../../../src/core/checks/checkbox.ts';
import type { BodyEdit, BodyHistory } from '../../../src/core/checks/forge-facts.ts';
import { vectors } from '../../support/vectors.ts';

const HOUR = 3_600_000;
const NOW = 12 * HOUR;
const TEXT = 'Rollback tested';

const row = z.strictObject({
  what: z.string(),
  body: z.string().optional(),
  /** Who, at which hour, and the body from then on. */
  edits: z.array(z.tuple([z.string(), z.number(), z.string().nullable()])).optional(),
  isWhole: z.boolean().default(true),
  who: z.array(z.string()).optional(),
  since: z.number().optional(),
  status: z.string(),
  code: z.string(),
  observed: z.string(),
});

interface Asked {
  readonly body: string;
  readonly history: BodyHistory | null;
  readonly who?: readonly string[] | undefined;
  readonly since?: number | undefined;
}

function decide({ body, history, who, since }: Asked) {
  const bar = (login: string) => (who === undefined || who.includes(login) ? null : 'may not tick it');
  const facts = { body, history, bar, label: '#12', url: '', now: NOW };
  const from = since === undefined ? null : { at: since * HOUR, what: 'lately' };
  const asksWho = who !== undefined || from !== null;
  return decideCheckbox(facts, { text: TEXT, asksWho, who: [], since: from });
}

describe('an item of a task list', () => {
  it.each(vectors('checkbox', row))('$what', ({ edits, isWhole, ...one }) => {
    const made = (edits ?? []).map(([by, hour, body]): BodyEdit => ({ by, at: hour * HOUR, body }));
    const body = one.body ?? made.at(-1)?.body ?? '';
    const author = made[0]?.by ?? '';
    const history = edits === undefined ? null : { author, body, edits: made, isWhole };
    const { status, code, observed } = decide({ ...one, body, history });
    expect({ status, code, observed }).toEqual({
      status: one.status,
      code: one.code,
      observed: one.observed,
    });
  });
});

const login = fc.constantFrom('ada', 'bob', 'eve');
const item = fc
  .record({ mark: fc.constantFrom(' ', 'x'), text: fc.constantFrom(TEXT, `${TEXT} again`, 'Other') })
  .map(({ mark, text }) => `- [${mark}] ${text}`);
const body = fc.array(item, { maxLength: 3 }).map((lines) => lines.join('\n'));
const history: fc.Arbitrary<BodyHistory> = fc
  .record({
    edits: fc.array(fc.record({ by: login, at: fc.nat(NOW), body: fc.option(body, { freq: 8 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    isWhole: fc.boolean(),
  })
  .map(({ edits, isWhole }) => {
    const sorted = edits.toSorted((one, other) => one.at - other.at);
    return { author: sorted[0]?.by ?? '', body: sorted.at(-1)?.body ?? '', edits: sorted, isWhole };
  });
const who = fc.subarray(['ada', 'bob', 'eve']);

function edited({ edits, ...rest }: BodyHistory, edit: BodyEdit): BodyHistory {
  return { ...rest, body: edit.body ?? '', edits: [...edits, edit] };
}

describe('over random histories', () => {
  it('an untick at the end never turns a no into a yes', () => {
    fc.assert(
      fc.property(history, who, login, (before, allowed, by) => {
        if (decide({ body: before.body, history: before, who: allowed }).status === 'pass') return;
        const unticked = edited(before, { by, at: NOW, body: before.body.replace('[x]', '[ ]') });
        expect(decide({ body: unticked.body, history: unticked, who: allowed }).status).not.toBe('pass');
      }),
      { numRuns: 1_000 },
    );
  });

  it('nobody who may not tick it can bring a yes about, whatever they write', () => {
    fc.assert(
      fc.property(history, who, body, (before, allowed, written) => {
        if (allowed.includes('eve')) return;
        if (decide({ body: before.body, history: before, who: allowed }).status === 'pass') return;
        const meddled = edited(before, { by: 'eve', at: NOW, body: written });
        const { status } = decide({ body: written, history: meddled, who: allowed });
        // Taking away another item that nobody had ticked is no tick.
        const left = written.split('\n').filter((line) => line.includes(TEXT));
        const had = before.body.split('\n');
        if (left.every((line) => had.includes(line))) return;
        expect(status).not.toBe('pass');
      }),
      { numRuns: 1_000 },
    );
  });

  it('whoever is named as having ticked it stands in the history, and fewer people never make a yes', () => {
    fc.assert(
      fc.property(history, who, who, (known, some, others) => {
        const [few, many] = some.length < others.length ? [some, others] : [others, some];
        if (!few.every((one) => many.includes(one))) return;
        const asked = { body: known.body, history: known };
        if (decide({ ...asked, who: few }).status === 'pass')
          expect(decide({ ...asked, who: many }).status).toBe('pass');
        const [, named] = /^ticked by (\w+)/.exec(decide({ ...asked, who: many }).observed) ?? [];
        if (named !== undefined) expect(known.edits.map(({ by }) => by)).toContain(named);
      }),
      { numRuns: 1_000 },
    );
  });
});
