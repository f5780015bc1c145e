import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observe } from '../../../src/core/report/observe.ts';
import {
  emptySeries,
  marked,
  record,
  type Series,
  type SeriesTick,
} from '../../../src/core/report/series.ts';
import { MOST_POINTS } from '../../../src/core/report/thin-out.ts';
import { KPIS, START, type Story } from '../../support/samples.ts';
import {
  cancelledStory,
  errorStory,
  healthyStory,
  reconciledStory,
  silentStory,
} from '../../support/stories.ts';

function tickAt(at: number, canary: number | null, more: Partial<SeriesTick> = {}): SeriesTick {
  return {
    at,
    elapsed: 10,
    asked: 10,
    read: 10,
    step: 0,
    phase: 'baking',
    kpis: { errors: { canary, stable: 0 } },
    requests: { canary: 5, stable: 45 },
    verdict: 'pass',
    evidence: null,
    ...more,
  };
}

function recorded(ticks: readonly SeriesTick[]): Series {
  return ticks.reduce(record, emptySeries());
}

const canaryOf = (series: Series) => series.kpis.errors?.canary ?? [];
const seen = (story: Story): Series => story.happenings.reduce(observe, emptySeries());

describe('a recorded line', () => {
  test('keeps every value of a short rollout', () => {
    const series = recorded([1, 2, 3].map((value) => tickAt(value * 10, value)));
    expect(canaryOf(series).map((point) => point.value)).toEqual([1, 2, 3]);
    expect(series.requests).toEqual({ canary: 15, stable: 135 });
  });

  test('stays bounded, in order, and keeps its peaks, its ends and the deciding tick, however long it gets', () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 })), {
      minLength: MOST_POINTS,
      maxLength: 3 * MOST_POINTS,
      size: 'max',
    });
    fc.assert(
      fc.property(values, fc.nat(), (line, at) => {
        const decided = at % line.length;
        const ticks = line.map((value, index) =>
          tickAt(index * 10, value, index === decided ? { verdict: 'fail' } : {}),
        );
        const points = canaryOf(recorded(ticks));
        const times = points.map((point) => point.at);
        const known = line.filter((value) => value !== null);
        const kept = points.flatMap((point) => (point.value === null ? [] : [point.value]));
        expect(points.length).toBeLessThanOrEqual(MOST_POINTS);
        expect(times).toEqual(times.toSorted((one, other) => one - other));
        expect(Math.max(...kept)).toBe(Math.max(...known));
        expect(Math.min(...kept)).toBe(Math.min(...known));
        expect(times[0]).toBe(0);
        expect(times.at(-1)).toBe((line.length - 1) * 10);
        if (line[decided] !== null) expect(times).toContain(decided * 10);
      }),
      { numRuns: 6 },
    );
  });

  test('has a gap where nobody watched, and none where the next tick came in time', () => {
    const late = recorded([tickAt(10, 1), tickAt(20, 1), tickAt(200, 2)]);
    expect(canaryOf(late).map((point) => point.value)).toEqual([1, 1, null, null, 2]);
    expect(late.traffic.map((point) => point.read)).toContain(null);
    const inTime = recorded([tickAt(10, 1), tickAt(20, 1), tickAt(45, 2)]);
    expect(canaryOf(inTime).map((point) => point.value)).toEqual([1, 1, 2]);
  });

  test('has a gap where a KPI that spoke before is not told of', () => {
    const series = recorded([tickAt(10, 1), tickAt(20, null, { kpis: {} }), tickAt(30, 3)]);
    expect(canaryOf(series).map((point) => point.value)).toEqual([1, null, 3]);
  });

  test('takes what is no number for no data', () => {
    const series = recorded([tickAt(10, Number.NaN), tickAt(20, Number.POSITIVE_INFINITY)]);
    expect(canaryOf(series).map((point) => point.value)).toEqual([null, null]);
  });

  test('does not run backwards with the clock', () => {
    const series = recorded([tickAt(100, 1), tickAt(40, 2), tickAt(110, 3)]);
    expect(canaryOf(series).map((point) => point.at)).toEqual([100, 100, 110]);
  });

  test('keeps names that objects know themselves', () => {
    const kpis = { constructor: { canary: 1, stable: null }, toString: { canary: 2, stable: null } };
    const series = recorded([tickAt(10, 1, { kpis })]);
    expect(Object.entries(series.kpis).find(([id]) => id === 'constructor')?.[1].canary).toEqual([
      { at: 10, value: 1 },
    ]);
  });
});

describe('marks and traffic', () => {
  test('stay bounded and keep the beginning and the end', () => {
    let series = emptySeries();
    for (let at = 0; at < 1_000; at += 1) series = marked(series, { at, kind: 'transition', label: `${at}` });
    expect(series.marks).toHaveLength(400);
    expect(series.marks[0]?.label).toBe('0');
    expect(series.marks.at(-1)?.label).toBe('999');
  });

  test('need two points for a weight that does not change', () => {
    const series = recorded(Array.from({ length: 500 }, (_, index) => tickAt(index * 10, 1)));
    expect(series.traffic.map((point) => point.at)).toEqual([0, 4_990]);
  });
});

describe('an observed rollout', () => {
  test('is plain JSON', () => {
    const series = seen(errorStory());
    expect(JSON.parse(JSON.stringify(series))).toEqual(series);
  });

  test('tells each transition once, without the checkpoints', () => {
    expect(seen(healthyStory()).marks.map((mark) => mark.label)).toEqual([
      'Started 3f2c1ab, driven by mara',
      '3f2c1ab runs in slot b, healthy',
      '10 % of traffic is on the new version, read back',
      '10 % passed; going to 50 %',
      '50 % of traffic is on the new version, read back',
      '50 % passed; going to 100 %',
      '100 % of traffic is on the new version, read back',
      'Every step passed; all traffic goes to the new version for good',
      'All traffic is on the new version, read back',
      'Promoted 3f2c1ab; what serves now was checked and well',
    ]);
  });

  test('marks the one moment that decided', () => {
    for (const tell of [errorStory, silentStory, cancelledStory, healthyStory, reconciledStory]) {
      expect(seen(tell()).marks.filter((mark) => mark.kind === 'decision')).toHaveLength(1);
    }
    const error = seen(errorStory());
    expect(error.failedAt).toBe(error.marks.find((mark) => mark.kind === 'decision')?.at);
  });

  test('shows the way home: asked first, read when the router said so', () => {
    const { traffic } = seen(errorStory());
    const asked = traffic.find((point) => point.phase === 'aborting');
    const home = traffic.find((point) => point.phase === 'confirming');
    expect([asked?.asked, asked?.read]).toEqual([0, 10]);
    expect([home?.asked, home?.read]).toEqual([0, 0]);
  });

  test('has no value where the sample had none, although an older one is known', () => {
    const line = seen(silentStory()).kpis['booking-success']?.canary ?? [];
    expect(line.at(-1)?.value).toBeNull();
    expect(seen(silentStory()).kpis['booking-success']?.stable.at(-1)?.value).toBe(0.988);
  });

  test('has a gap while its owner was dead', () => {
    const series = seen(reconciledStory());
    expect(series.traffic.filter((point) => point.read === null)).not.toEqual([]);
    expect(series.kpis['error-rate']?.canary.at(-1)?.value).toBeNull();
  });

  test('keeps warnings and drops chatter', () => {
    const notes = (['info', 'warning', 'error'] as const).map((level) => ({
      type: 'note' as const,
      at: START,
      level,
      message: `${level} note`,
    }));
    expect(notes.reduce(observe, emptySeries()).marks.map((mark) => mark.label)).toEqual([
      'warning note',
      'error note',
    ]);
  });

  test('ignores a record without a rollout', () => {
    const { record: known } = errorStory();
    const happening = {
      type: 'moved',
      at: START,
      event: 'resumed',
      record: { ...known, rollout: null },
    } as const;
    expect(observe(emptySeries(), happening)).toEqual(emptySeries());
  });

  test('knows every configured KPI', () => {
    expect(Object.keys(seen(healthyStory()).kpis)).toEqual(KPIS.map((kpi) => kpi.id));
  });
});
