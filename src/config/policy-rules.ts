import type { Milliseconds } from '../core/units.ts';
import { shorterThanTick } from './plan-rules.ts';
import type { Flaw, Path } from './telling.ts';
import type { KpiView } from './view.ts';

type PolicyView = NonNullable<KpiView['policy']>;

/** Everything that can be wrong between a KPI's policy and its neighbours. */
export function policyFlaws(kpi: KpiView, tick: Milliseconds | null, path: Path): Flaw[] {
  const { policy } = kpi;
  if (policy === undefined) return [];
  const where = [...path, 'policy'];
  return [
    ...bothFlaws(kpi, path),
    ...unlimitedFlaws(policy, where),
    ...countFlaws(policy, where),
    ...intervalFlaws(policy, tick, where),
  ];
}

function bothFlaws(kpi: KpiView, path: Path): Flaw[] {
  if (kpi.for === undefined) return [];
  const expected = 'either `for`, which a guardrail needs, or a `policy`, which counts measurements';
  return [{ path: [...path, 'for'], expected, seen: 'both', fix: 'remove one of the two' }];
}

function unlimitedFlaws(policy: PolicyView, path: Path): Flaw[] {
  if (policy['failures-allowed'] !== 'unlimited') return [];
  if (policy['consecutive-successes-needed'] !== undefined) return [];
  return [
    {
      path: [...path, 'failures-allowed'],
      expected: 'a limit of failures, or successes in a row that are needed instead',
      fix: 'write a number, or add `consecutive-successes-needed: 3`',
    },
  ];
}

/** With `count` measurements in all, some limits could never be exceeded and some needs never be met. */
function countFlaws(policy: PolicyView, path: Path): Flaw[] {
  const { count } = policy;
  if (count === undefined) return [];
  const failures = policy['failures-allowed'];
  const inconclusive = policy['inconclusive-allowed'];
  const needed = policy['consecutive-successes-needed'];
  const flaws: Flaw[] = [];
  if (typeof failures === 'number' && failures >= count) {
    const expected = `fewer than the ${count} measurements of \`count\`: more failures there cannot be`;
    flaws.push({ path: [...path, 'failures-allowed'], expected, fix: 'allow fewer, or measure more often' });
  }
  if (inconclusive !== undefined && inconclusive > count) {
    const expected = `at most the ${count} measurements of \`count\``;
    flaws.push({
      path: [...path, 'inconclusive-allowed'],
      expected,
      fix: `write ${count} to allow them all`,
    });
  }
  if (needed !== undefined && needed > count) {
    const expected = `at most the ${count} measurements of \`count\`: no bake could pass`;
    flaws.push({
      path: [...path, 'consecutive-successes-needed'],
      expected,
      fix: 'need fewer, or raise `count`',
    });
  }
  return flaws;
}

function intervalFlaws({ interval }: PolicyView, tick: Milliseconds | null, path: Path): Flaw[] {
  if (interval === undefined || tick === null || interval >= tick) return [];
  return [shorterThanTick([...path, 'interval'], 'an interval', interval, tick)];
}
