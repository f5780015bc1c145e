import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counted, CounterScrape, EndpointMemory } from '../../../src/adapters/metrics/increments.ts';
import { countIncrements, missScrape } from '../../../src/adapters/metrics/increments.ts';
import type { Series } from '../../../src/adapters/metrics/series.ts';
import { seriesKey } from '../../../src/adapters/metrics/series.ts';

type Values = Readonly<Record<string, number>>;

/** `requests{code="500"}` is written `requests/500`. */
function seriesOf(values: Values): readonly Series[] {
  return Object.entries(values).map(([written, value]) => {
    const [name = '', code, le] = written.split('/');
    const labels = new Map<string, string>();
    if (code !== undefined && code !== '') labels.set('code', code);
    if (le !== undefined) labels.set('le', le);
    return { name, labels, value };
  });
}

function written({ series }: Counted): string {
  const { name, labels } = series;
  return [name, ...labels.values()].join('/');
}

interface Extra {
  readonly at?: number;
  readonly processStart?: number;
  readonly created?: Values;
}

function scrapeOf(values: Values, extra: Extra = {}): CounterScrape {
  return {
    counters: seriesOf(values),
    createdAt: ({ name, labels }) => extra.created?.[[name, ...labels.values()].join('/')] ?? null,
    readAt: extra.at ?? 0,
    processStart: extra.processStart ?? null,
  };
}

/** Scrapes an endpoint again and again; `missed` stands for a scrape that failed. Answers the increments of the last one. */
function lastIncrements(
  ...scrapes: readonly (CounterScrape | 'missed')[]
): Readonly<Record<string, number | null>> {
  let memory: EndpointMemory | null = null;
  let counted: readonly Counted[] = [];
  for (const scrape of scrapes) {
    if (scrape === 'missed') memory = missScrape(memory);
    else ({ memory, counted } = countIncrements(memory, scrape));
  }
  return Object.fromEntries(counted.map((one) => [written(one), one.by]));
}

describe('counting what a counter gained', () => {
  it('counts nothing on the first scrape', () => {
    expect(lastIncrements(scrapeOf({ x: 100, 'x/500': 3 }))).toEqual({ x: null, 'x/500': null });
  });

  it('counts the difference to the scrape before', () => {
    expect(lastIncrements(scrapeOf({ x: 100 }), scrapeOf({ x: 107 }))).toEqual({ x: 7 });
    expect(lastIncrements(scrapeOf({ x: 100 }), scrapeOf({ x: 100 }))).toEqual({ x: 0 });
  });

  it('takes a drop for a reset, and counts the new value', () => {
    expect(lastIncrements(scrapeOf({ x: 100, y: 5 }), scrapeOf({ x: 4, y: 6 }))).toEqual({ x: 4, y: 1 });
  });

  it('resets every bucket of a histogram when one of them drops, and no other histogram', () => {
    const before = { 'h/get/0.1': 5, 'h/get/+Inf': 10, 'h/put/0.1': 5, 'h/put/+Inf': 10 };
    const after = { 'h/get/0.1': 5, 'h/get/+Inf': 6, 'h/put/0.1': 5, 'h/put/+Inf': 11 };
    expect(lastIncrements(scrapeOf(before), scrapeOf(after))).toEqual({
      'h/get/0.1': 5,
      'h/get/+Inf': 6,
      'h/put/0.1': 0,
      'h/put/+Inf': 1,
    });
  });

  it('counts a series in full that was born since the scrape before, even the first of its metric', () => {
    expect(lastIncrements(scrapeOf({ 'x/200': 9 }), scrapeOf({ 'x/200': 9, 'x/500': 2 }))).toEqual({
      'x/200': 0,
      'x/500': 2,
    });
    expect(lastIncrements(scrapeOf({}), scrapeOf({ never_total: 1 }))).toEqual({ never_total: 1 });
  });

  it('does not count a new series that says it is older than the scrape before', () => {
    const first = scrapeOf({}, { at: 1_000 });
    expect(lastIncrements(first, scrapeOf({ x: 50 }, { at: 2_000, created: { x: 900 } }))).toEqual({
      x: null,
    });
    expect(lastIncrements(first, scrapeOf({ x: 50 }, { at: 2_000, created: { x: 1_500 } }))).toEqual({
      x: 50,
    });
  });

  it('ignores the order of labels and empty ones', () => {
    const one = new Map([
      ['a', '1'],
      ['b', '2'],
      ['c', ''],
    ]);
    const other = new Map([
      ['b', '2'],
      ['a', '1'],
    ]);
    expect(seriesKey('x', one)).toBe(seriesKey('x', other));
    expect(seriesKey('x', one)).not.toBe(seriesKey('x', new Map([['a', '1']])));
    expect(seriesKey('x', new Map([['a', '1","b":"2']]))).not.toBe(seriesKey('x', one));
  });

  it('counts a series given twice once, by its last sample', () => {
    const twice = { ...scrapeOf({}), counters: [...seriesOf({ x: 5 }), ...seriesOf({ x: 7 })] };
    expect(lastIncrements(scrapeOf({ x: 1 }), twice)).toEqual({ x: 6 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1])(
    'skips the value %d, and goes on from the one before it',
    (value) => {
      expect(lastIncrements(scrapeOf({ x: 5 }), scrapeOf({ x: value }))).toEqual({});
      expect(lastIncrements(scrapeOf({ x: 5 }), scrapeOf({ x: value }), scrapeOf({ x: 7 }))).toEqual({
        x: 2,
      });
      expect(lastIncrements(scrapeOf({}), scrapeOf({ x: value }))).toEqual({});
    },
  );
});

describe('an endpoint that was away', () => {
  it('counts over a gap of one scrape', () => {
    expect(lastIncrements(scrapeOf({ x: 5 }), 'missed', scrapeOf({ x: 9 }))).toEqual({ x: 4 });
    expect(lastIncrements(scrapeOf({ x: 5 }), 'missed', scrapeOf({ x: 2 }))).toEqual({ x: 2 });
  });

  it('is forgotten after two missed scrapes in a row: the next good one is a base line', () => {
    const gap = ['missed', 'missed'] as const;
    expect(lastIncrements(scrapeOf({ x: 5 }), ...gap, scrapeOf({ x: 9 }))).toEqual({ x: null });
    expect(lastIncrements(scrapeOf({ x: 5 }), ...gap, scrapeOf({ x: 9 }), scrapeOf({ x: 10 }))).toEqual({
      x: 1,
    });
    expect(lastIncrements(...gap, scrapeOf({ x: 9 }))).toEqual({ x: null });
  });

  it('counts missed scrapes in a row only', () => {
    const { memory } = countIncrements(missScrape(null), scrapeOf({ x: 5 }));
    expect(missScrape(memory)?.misses).toBe(1);
    expect(missScrape(missScrape(memory))).toBeNull();
    const back = countIncrements(missScrape(memory), scrapeOf({ x: 6 })).memory;
    expect(missScrape(back)?.misses).toBe(1);
  });

  it('counts a series that is new after the gap from its second sample', () => {
    const after = [scrapeOf({ x: 5, y: 70 }), scrapeOf({ x: 5, y: 71 })] as const;
    expect(lastIncrements(scrapeOf({ x: 5 }), 'missed', after[0])).toEqual({ x: 0, y: null });
    expect(lastIncrements(scrapeOf({ x: 5 }), 'missed', ...after)).toEqual({ x: 0, y: 1 });
  });

  it('counts it in full when the series or the process says that it began in the gap', () => {
    const before = scrapeOf({ x: 5 }, { at: 1_000, processStart: 100 });
    const born = scrapeOf({ x: 5, y: 7 }, { at: 3_000, processStart: 100, created: { y: 2_000 } });
    expect(lastIncrements(before, 'missed', born)).toEqual({ x: 0, y: 7 });
    const restarted = scrapeOf({ x: 2, y: 7 }, { at: 3_000, processStart: 2_000 });
    expect(lastIncrements(before, 'missed', restarted)).toEqual({ x: 2, y: 7 });
    const old = scrapeOf({ x: 5, y: 7 }, { at: 3_000, processStart: 2_000, created: { y: 50 } });
    expect(lastIncrements(before, 'missed', old)).toEqual({ x: 0, y: null });
  });
});

describe('a series that is gone for a while', () => {
  it('is not counted twice when it was only hidden', () => {
    const [all, part] = [scrapeOf({ x: 1_000, y: 1 }), scrapeOf({ y: 2 })];
    expect(lastIncrements(all, part, part, part, scrapeOf({ x: 1_003, y: 2 }))).toEqual({ x: 3, y: 0 });
  });

  it('counts in full again when other series show that the process began anew', () => {
    const before = scrapeOf({ double_charges_total: 1, y: 50 });
    const fresh = scrapeOf({ y: 3 });
    const after = scrapeOf({ double_charges_total: 1, y: 4 });
    expect(lastIncrements(before, fresh, after)).toEqual({ double_charges_total: 1, y: 1 });
  });

  it('counts in full again when the process says that it began anew', () => {
    const before = scrapeOf({ double_charges_total: 1 }, { processStart: 100 });
    const fresh = scrapeOf({}, { processStart: 900 });
    const after = scrapeOf({ double_charges_total: 1 }, { processStart: 900 });
    expect(lastIncrements(before, fresh, after)).toEqual({ double_charges_total: 1 });
  });
});

const SERIES = ['x/200', 'x/500', 'y'] as const;

interface Turn {
  /** Events by series; those before a restart are lost with the process. */
  readonly before: readonly number[];
  readonly restarts: boolean;
  readonly after: readonly number[];
  readonly scrape: 'read' | 'missed';
}

const eventCounts = fc.array(fc.nat({ max: 20 }), { minLength: SERIES.length, maxLength: SERIES.length });

function turns(options: {
  readonly restarts: boolean;
  readonly misses: boolean;
}): fc.Arbitrary<readonly Turn[]> {
  return fc.array(
    fc.record({
      before: eventCounts,
      restarts: options.restarts ? fc.boolean() : fc.constant(false),
      after: eventCounts,
      scrape: options.misses
        ? fc.constantFrom('read' as const, 'missed' as const)
        : fc.constant('read' as const),
    }),
    { maxLength: 30 },
  );
}

/** What happens to one process: a labelled counter appears with its first event, and a restart forgets all. */
function happen(values: Values, turn: Turn): Values {
  const add = (to: Values, events: readonly number[]): Values => {
    const sum: Record<string, number> = { ...to };
    SERIES.forEach((name, index) => {
      const count = events[index] ?? 0;
      if (count > 0) sum[name] = (sum[name] ?? 0) + count;
    });
    return sum;
  };
  return add(turn.restarts ? {} : add(values, turn.before), turn.after);
}

describe('any sequence of scrapes', () => {
  it('adds up to exactly what happened while nothing restarts, however often it is scraped', () => {
    fc.assert(
      fc.property(turns({ restarts: false, misses: false }), fc.integer({ min: 1, max: 7 }), (all, every) => {
        const sums: Record<string, number> = {};
        let values: Values = {};
        let { memory } = countIncrements(null, scrapeOf(values));
        all.forEach((turn, index) => {
          values = happen(values, turn);
          if ((index + 1) % every !== 0 && index !== all.length - 1) return;
          const step = countIncrements(memory, scrapeOf(values));
          memory = step.memory;
          for (const one of step.counted)
            sums[written(one)] = (sums[written(one)] ?? 0) + (one.by ?? Number.NaN);
        });
        expect(sums).toEqual(values);
      }),
    );
  });

  it('loses at a restart only what happened before it, and never counts what did not happen', () => {
    fc.assert(
      fc.property(turns({ restarts: true, misses: true }), (all) => {
        let values: Values = {};
        let { memory }: { memory: EndpointMemory | null } = countIncrements(null, scrapeOf(values));
        const known = new Map<string, { readonly value: number; readonly ofThisProcess: boolean }>();
        let misses = 0;
        for (const turn of all) {
          values = happen(values, turn);
          if (turn.restarts)
            for (const [name, { value }] of known) known.set(name, { value, ofThisProcess: false });
          misses = turn.scrape === 'missed' ? misses + 1 : misses;
          if (turn.scrape === 'missed') {
            memory = missScrape(memory);
            continue;
          }
          const step = countIncrements(memory, scrapeOf(values));
          for (const one of step.counted) {
            const now = one.series.value;
            const old = known.get(written(one));
            if (misses >= 2) expect(one.by).toBeNull();
            else if (old === undefined) expect(one.by).toBe(misses === 0 ? now : null);
            else if (old.ofThisProcess) expect(one.by).toBe(now - old.value);
            else {
              const afterGap = misses === 1 ? [null] : [];
              expect([now, ...(now < old.value ? [] : [now - old.value]), ...afterGap]).toContain(one.by);
            }
          }
          if (misses >= 2) known.clear();
          for (const [name, value] of Object.entries(values)) known.set(name, { value, ofThisProcess: true });
          memory = step.memory;
          misses = 0;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never counts less than nothing, whatever the endpoint says', () => {
    const values = fc.dictionary(fc.constantFrom(...SERIES, 'h//1', 'h//+Inf'), fc.double());
    const scrape = fc.oneof(
      fc.constant('missed' as const),
      fc
        .tuple(values, fc.option(fc.nat(), { nil: undefined }), fc.nat())
        .map(([one, processStart, at]) =>
          scrapeOf(one, processStart === undefined ? { at } : { at, processStart }),
        ),
    );
    fc.assert(
      fc.property(fc.array(scrape), (scrapes) => {
        for (const by of Object.values(lastIncrements(...scrapes))) {
          expect(by === null || (Number.isFinite(by) && by >= 0)).toBe(true);
        }
      }),
    );
  });
});
