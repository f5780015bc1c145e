import { describe, expect, it } from 'vitest';
import type { NoDataPolicy } from '../../../src/core/analysis/kpi.ts';
import {
  broken,
  connections,
  entered,
  errorRate,
  events,
  failedAt,
  last,
  MINUTE,
  type Moment,
  nothing,
  play,
  ticks,
  value,
  whenSilent,
} from './scenario.ts';

const good = ticks(10, 'error-rate', events(0, 100));
const silent = (count: number): Moment[] => ticks(count, 'error-rate', nothing);
const idle = (count: number): Moment[] => ticks(count, 'error-rate', events(0, 0));
const failing = (count: number): Moment[] => ticks(count, 'error-rate', broken);

function withPolicy(policy: NoDataPolicy['then']) {
  return errorRate({ noData: whenSilent(policy) });
}

describe('a KPI that says nothing', () => {
  it('holds the tick at once, and ends the rollout when its budget is used up', () => {
    const played = play([errorRate()], [...good, ...silent(13)]);
    expect(played[10]?.verdict).toMatchObject({ kind: 'hold', reason: { code: 'no-data' } });
    expect(failedAt(played)).toBe(10 + 13);
    expect(last(played).verdict).toEqual({
      kind: 'fail',
      reason: {
        code: 'no-data',
        kpi: 'error-rate',
        message: 'Error rate has shown nothing for 2m 10s (budget 2m): no series matched',
      },
    });
    expect(last(played).findings[0]).toMatchObject({ status: 'no-data', observed: 'no data' });
  });

  it('does not hold the tick while it is merely idle, until its budget is used up', () => {
    const played = play([errorRate()], [...good, ...idle(13)]);
    expect(played.slice(10, 22).every(({ verdict }) => verdict.kind === 'pass')).toBe(true);
    expect(failedAt(played)).toBe(10 + 13);
    expect(played[11]?.findings[0]).toMatchObject({ status: 'pass' });
    expect(played[21]?.findings[0]).toMatchObject({ status: 'no-data' });
  });

  it('starts its budget anew when it speaks', () => {
    const played = play([errorRate()], [...silent(12), ...good, ...silent(12)]);
    expect(failedAt(played)).toBeNull();
  });

  it('waits for ever when told to wait', () => {
    const played = play([withPolicy('wait')], [...good, ...silent(100)]);
    expect(failedAt(played)).toBeNull();
    expect(last(played).verdict).toMatchObject({ kind: 'hold', reason: { code: 'no-data' } });
    expect(last(play([withPolicy('wait')], [...good, ...idle(13)])).verdict.kind).toBe('hold');
  });

  it('only warns when somebody wrote down that it may be silent', () => {
    const played = play([withPolicy('pass-with-warning')], silent(100));
    expect(played.every(({ verdict }) => verdict.kind === 'pass')).toBe(true);
    expect(last(played).findings[0]).toMatchObject({ status: 'warn', observed: 'no data' });
  });

  it('cannot escape its budget by taking turns with errors', () => {
    const turns = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? silent(1) : failing(1))).flat();
    expect(failedAt(play([errorRate()], turns))).not.toBeNull();
  });

  it('counts the base line that a provider starts with as a moment of silence, and no more', () => {
    const played = play([errorRate()], [...silent(1), ...good]);
    expect(played.map(({ verdict }) => verdict.kind)).toEqual(['hold', ...good.map(() => 'pass')]);
  });
});

describe('a provider that fails', () => {
  it('is given time, and then ends the rollout', () => {
    const played = play([errorRate()], [...good, ...failing(13)]);
    expect(played[10]?.verdict).toMatchObject({ kind: 'hold', reason: { code: 'metrics-unavailable' } });
    expect(failedAt(played)).toBe(10 + 13);
    expect(last(played).verdict).toMatchObject({
      reason: {
        code: 'metrics-unavailable',
        message: 'Error rate could not be read for 2m 10s (budget 2m): HTTP 503',
      },
    });
    expect(last(played).findings[0]).toMatchObject({ status: 'error', observed: 'could not be read' });
  });

  it('does not hold an optional KPI, but ends the rollout all the same when it never comes back', () => {
    const played = play([withPolicy('pass-with-warning')], [...good, ...failing(13)]);
    expect(played[10]?.verdict.kind).toBe('pass');
    expect(failedAt(played)).toBe(10 + 13);
  });

  it('is what readings count as that cannot be true, or are missing altogether', () => {
    const impossible = play([errorRate()], ticks(1, 'error-rate', events(5, 2)));
    expect(last(impossible).findings[0]).toMatchObject({
      status: 'error',
      detail: expect.stringContaining('5 bad events of 2 cannot be'),
    });
    expect(last(play([errorRate()], [{}])).verdict).toMatchObject({
      kind: 'hold',
      reason: { code: 'metrics-unavailable' },
    });
  });

  it('keeps a long complaint short', () => {
    const long = { kind: 'error', why: 'x'.repeat(5_000) } as const;
    expect(last(play([errorRate()], ticks(1, 'error-rate', long))).findings[0]?.detail?.length).toBeLessThan(
      300,
    );
  });
});

describe('a bake', () => {
  it('is not passed on fewer events than a KPI needs, and says which and how many', () => {
    const played = play([errorRate()], ticks(5, 'error-rate', events(0, 9)));
    expect(last(played).verdict).toEqual({
      kind: 'short-of-samples',
      reason: {
        code: 'insufficient-samples',
        kpi: 'error-rate',
        message: 'Error rate has seen 45 of the 50 events that it needs in this step',
      },
    });
    expect(last(played).findings[0]).toMatchObject({
      status: 'skipped',
      detail: expect.stringContaining('45 of the 50 needed'),
    });
    expect(last(play([errorRate()], ticks(6, 'error-rate', events(0, 9)))).verdict.kind).toBe('pass');
  });

  it('needs one sign of life even of a KPI that asks for no samples', () => {
    const played = play([errorRate({ minSamples: 0 })], idle(5));
    expect(last(played).verdict.kind).toBe('short-of-samples');
  });

  it('needs two readings of a gauge', () => {
    const kinds = play([connections()], ticks(2, 'db-connections', value(0.1))).map(
      (seen) => seen.verdict.kind,
    );
    expect(kinds).toEqual(['short-of-samples', 'pass']);
  });

  it('starts its samples anew at the next step', () => {
    const first = last(play([errorRate()], good)).state;
    const next = { ...first, ...entered(1), exposed: first.exposed };
    expect(
      last(play([errorRate()], ticks(1, 'error-rate', events(0, 9)), { state: next })).verdict.kind,
    ).toBe('short-of-samples');
  });

  it('runs no KPI out of patience in its warm-up only', () => {
    const kpi = errorRate({ warmUp: 5 * MINUTE });
    expect(failedAt(play([kpi], silent(13)))).toBe(13);
  });
});
