import { formatValue } from '../analysis/kpi.ts';
import type { Answer } from '../checks/answer.ts';
import { formatDuration } from '../units.ts';
import type { LoadFigures } from './figures.ts';
import { wholeRate } from './figures.ts';
import { goodRate } from './hold.ts';
import type { LoadRun } from './load-run.ts';
import type { LoadFacts, LoadTestRules } from './load-test.ts';
import { formatRate, quantileName } from './load-words.ts';
import { droppedBy } from './merged-load.ts';
import { fewest } from './quantile-rank.ts';

/** Reports count whole seconds, and a generator needs a moment to begin and to end. */
const SLACK = 0.99;

export function durationAnswer({ hold }: LoadTestRules, { load }: LoadFigures): Answer {
  const expected = `at least ${formatDuration(hold)}`;
  const observed = `${formatDuration(load.duration)} of load`;
  if (load.duration >= hold * SLACK) return { status: 'pass', code: 'met', observed, expected };
  return { status: 'fail', code: 'not-met', observed, expected, fix: 'let the test run longer' };
}

/** Enough for what is asked of it: a P99 of a hundred requests is known by one of them. */
export function sizeAnswer({ minRequests, latency }: LoadTestRules, { load }: LoadFigures): Answer {
  const needs = latency.map(({ quantile }) => ({ quantile, count: fewest(quantile) }));
  const most = needs.reduce((one, other) => (other.count > one.count ? other : one), {
    quantile: 0,
    count: 0,
  });
  const need = Math.max(minRequests, most.count);
  const good = load.requests - load.failed;
  const why = most.count > minRequests ? `, without which a ${quantileName(most.quantile)} is not known` : '';
  const expected = `at least ${need.toLocaleString('en-US')} requests that were answered${why}`;
  const observed = `${good.toLocaleString('en-US')} requests that were answered`;
  if (good >= need) return { status: 'pass', code: 'met', observed, expected };
  return {
    status: 'fail',
    code: 'not-met',
    observed,
    expected,
    fix: 'send more requests, or let it run longer',
  };
}

/** Normal traffic, so many times, for the whole hold and not only at the peak. */
export function holdAnswer(rules: LoadTestRules, { normal }: LoadFacts, figures: LoadFigures): Answer {
  const { load, required, hold } = figures;
  const goal = `${rules.times} times normal traffic for ${formatDuration(rules.hold)}`;
  if (normal.kind === 'error') return unknownNormal('error', normal.why, goal);
  if (normal.kind === 'no-data') return unknownNormal('no-data', normal.why, goal);
  if (required === null || !(required > 0)) return noTraffic(normal.rate, goal);
  const expected = `${formatRate(required)} (${goal}; normal is ${formatRate(normal.rate)}, ${normal.source})`;
  if (load.bins.length === 0) return onlyTotals(figures, expected);
  if (hold !== null && hold.span >= rules.hold * SLACK) {
    const observed = `${formatRate(hold.rate)} held for ${formatDuration(hold.span)}, ${formatRate(hold.least)} at its weakest`;
    return { status: 'pass', code: 'met', observed, expected };
  }
  const peak = Math.max(0, ...load.bins.map(goodRate));
  const held = hold === null ? 'never' : `only for ${formatDuration(hold.span)}`;
  return {
    status: 'fail',
    code: 'not-met',
    observed: `held ${held}; ${formatRate(wholeRate(load))} on average, ${formatRate(peak)} at its peak`,
    expected,
    detail: `requests that failed are not counted, and no stretch of ${formatDuration(load.grain)} may fall more than ${formatValue(rules.dip, 'ratio')} below`,
    fix: 'offer more load, for longer; where more was offered than was borne, the service or the generator is at its end',
  };
}

function unknownNormal(status: 'error' | 'no-data', why: string, goal: string): Answer {
  const code = status === 'error' ? 'unavailable' : 'missing';
  const fix = 'correct the query of `normal`, or write normal traffic as a number';
  return { status, code, observed: `normal traffic is not known: ${why}`, expected: goal, fix };
}

function noTraffic(rate: number, goal: string): Answer {
  const observed = `normal traffic of ${formatRate(rate)}, of which any number of times is nothing`;
  const fix = 'see what `normal` asks for, and when';
  return { status: 'fail', code: 'not-met', observed, expected: goal, fix };
}

function onlyTotals({ load }: LoadFigures, expected: string): Answer {
  return {
    status: 'no-data',
    code: 'missing',
    observed: `${formatRate(wholeRate(load))} on average, and no word of when`,
    expected,
    fix: 'let the tool write what happened over time, so that it can be seen whether the load was held',
  };
}

/** Whether the generator sent what was due, when it was due: requests that wait for slow ones hide how slow those are. */
export function omissionAnswer(rules: LoadTestRules, { found }: LoadFacts, figures: LoadFigures): Answer {
  const { tolerance } = rules.omission;
  const runs = found.map(({ run }) => run);
  const limit = formatValue(tolerance, 'ratio');
  const late = runs.find((run) => shareUnsent(run) > tolerance);
  if (late !== undefined) return unsent(late, limit);
  const closed = runs.filter((run) => droppedBy(run) === null);
  if (closed.length === 0) {
    const dropped = figures.load.dropped ?? 0;
    const due = figures.load.requests + dropped;
    const observed = `${dropped.toLocaleString('en-US')} of ${due.toLocaleString('en-US')} requests that were due were not sent`;
    return { status: 'pass', code: 'met', observed, expected: `at most ${limit} of what was due` };
  }
  return closedLoop(rules, closed, figures, limit);
}

function shareUnsent(run: LoadRun): number {
  const dropped = droppedBy(run) ?? 0;
  return dropped === 0 ? 0 : dropped / (run.requests + dropped);
}

function unsent(run: LoadRun, limit: string): Answer {
  const dropped = droppedBy(run) ?? 0;
  const due = (run.requests + dropped).toLocaleString('en-US');
  return {
    status: 'fail',
    code: 'not-met',
    observed: `coordinated omission: ${dropped.toLocaleString('en-US')} of ${due} requests that were due were never sent by ${run.tool}`,
    expected: `at most ${limit} of what was due`,
    detail: 'they waited for slow answers, and their own wait is in no latency that was measured',
    fix: 'give the generator more connections or virtual users; if the service is at its end, that is the result',
  };
}

/** Users who wait for their answer send less when answers get slow: then the rate falls by itself. */
function closedLoop(
  rules: LoadTestRules,
  runs: readonly LoadRun[],
  { load, hold }: LoadFigures,
  limit: string,
): Answer {
  const tools = [...new Set(runs.map(({ tool }) => tool))].join(', ');
  const expected = `a rate that does not fall by more than ${limit} while answers get slower`;
  const bins =
    hold === null ? load.bins : load.bins.filter(({ at }) => at >= hold.at && at < hold.at + hold.span);
  if (bins.length < 3) {
    const observed = `a closed loop of ${tools}, and no rate over time`;
    const fix = 'make the load at a constant arrival rate, or let the tool write what happened over time';
    return { status: 'no-data', code: 'missing', observed, expected, fix };
  }
  const rates = bins.map(({ requests, span }) => (requests * 1_000) / span);
  const [most, least] = [Math.max(...rates), Math.min(...rates)];
  const fall = most === 0 ? 0 : 1 - least / most;
  const observed = `a closed loop of ${tools}, between ${formatRate(least)} and ${formatRate(most)}`;
  if (fall <= Math.max(rules.omission.tolerance, 2 * rules.dip)) {
    return { status: 'pass', code: 'met', observed, expected };
  }
  return {
    status: 'fail',
    code: 'not-met',
    observed: `coordinated omission: ${observed}`,
    expected,
    fix: 'make the load at a constant arrival rate, which does not wait for answers',
  };
}
