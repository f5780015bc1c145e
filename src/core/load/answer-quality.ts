import { formatValue, type Limit } from '../analysis/kpi.ts';
import { type Answer, listed } from '../checks/answer.ts';
import type { LoadFigures } from './figures.ts';
import type { LatencyRule, LoadFacts, LoadTestRules } from './load-test.ts';
import { limitWords, meets, quantileName } from './load-words.ts';

/** Passes only when the latency is within its limit at its worst; fails when it is not at its best. */
export function latencyAnswer(
  { quantile, limit }: LatencyRule,
  { quantiles, load, hold }: LoadFigures,
): Answer {
  const known = quantiles.find((one) => one.quantile === quantile);
  const expected = limitWords(limit, 'ms');
  const { seen = null, atLeast = null, atMost = null } = known ?? {};
  if (atMost !== null && meets(atMost, limit)) {
    return { status: 'pass', code: 'met', observed: seenWords(seen, atMost), expected };
  }
  const fix = 'see the latency over time, and what is at its limit under this load';
  if (atLeast !== null && !meets(atLeast, limit)) {
    const observed = seen === null ? `at least ${formatValue(atLeast, 'ms')}` : formatValue(seen, 'ms');
    return { status: 'fail', code: 'not-met', observed, expected, fix };
  }
  if (load.latency.kind === 'parts') return unmerged(quantile, atLeast, atMost, expected);
  const worst = atMost === null ? 'beyond every answer' : formatValue(atMost, 'ms');
  const observed = `${seen === null ? 'not known' : formatValue(seen, 'ms')}, but ${worst} at its worst`;
  const aside = hold === null ? [] : [`${Math.round(load.requests - hold.requests)} outside of the hold`];
  const parts = [`${load.failed} failed`, `${load.dropped ?? 0} never sent`, ...aside];
  const detail = `of ${load.requests} requests ${listed(parts)}: those that failed or were not sent count as the slowest, those outside of the hold as the fastest, and what is left must be enough to be 95 % sure`;
  return {
    status: 'fail',
    code: 'not-met',
    observed,
    expected,
    detail,
    fix: `${fix}; or send more requests`,
  };
}

function seenWords(seen: number | null, atMost: number): string {
  if (seen === null) return `at most ${formatValue(atMost, 'ms')}`;
  const worst = formatValue(atMost, 'ms');
  return formatValue(seen, 'ms') === worst ? worst : `${formatValue(seen, 'ms')}, at worst ${worst}`;
}

function unmerged(quantile: number, atLeast: number | null, atMost: number | null, expected: string): Answer {
  const name = quantileName(quantile);
  const low = atLeast === null ? 'unknown' : formatValue(atLeast, 'ms');
  const high = atMost === null ? 'unknown' : formatValue(atMost, 'ms');
  return {
    status: 'no-data',
    code: 'missing',
    observed: `somewhere from ${low} to ${high}`,
    expected,
    detail: `the ${name} of several generators cannot be made of theirs; it only lies between the least and the largest`,
    fix: 'let the tools write single latencies or a histogram',
  };
}

export function errorsAnswer({ errors }: LoadTestRules, { found }: LoadFacts, figures: LoadFigures): Answer {
  const { load, errorRate } = figures;
  const kinds = new Map<string, number>();
  for (const [kind, count] of found.flatMap(({ run }) => Object.entries(run.errors))) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const most = [...kinds]
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${count} × ${kind}`);
  const observed = `${formatValue(errorRate, 'ratio')} (${load.failed.toLocaleString('en-US')} of ${load.requests.toLocaleString('en-US')})`;
  const expected = limitWords(errors, 'ratio');
  const told = most.length === 0 ? {} : { detail: listed(most) };
  if (load.requests > 0 && meets(errorRate, errors)) {
    return { status: 'pass', code: 'met', observed, expected, ...told };
  }
  const fix = 'see the log of the service for what it answered under load';
  return { status: 'fail', code: 'not-met', observed, expected, ...told, fix };
}

/** Assertions of the script. None at all is no data: somebody asked for them. */
export function checksAnswer(limit: Limit, { load }: LoadFigures): Answer {
  const expected = `${limitWords(limit, 'ratio')} of each check`;
  if (load.checks.length === 0) {
    const fix = 'write checks into the script, or leave `checks` out';
    return { status: 'no-data', code: 'missing', observed: 'no check in any report', expected, fix };
  }
  const shares = load.checks.map(({ name, passes, fails }) => ({
    name,
    share: passes + fails === 0 ? 0 : passes / (passes + fails),
  }));
  const bad = shares.filter(({ share }) => !meets(share, limit));
  if (bad.length === 0) {
    const observed = `${load.checks.length} of ${load.checks.length} checks`;
    return { status: 'pass', code: 'met', observed, expected };
  }
  const observed = listed(bad.map(({ name, share }) => `${name} in ${formatValue(share, 'ratio')}`));
  return { status: 'fail', code: 'not-met', observed, expected, fix: 'see what the script saw instead' };
}
