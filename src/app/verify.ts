import { analyse } from '../core/analysis/analyse.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import { initialAnalysis } from '../core/analysis/state.ts';
import type { TickVerdict } from '../core/analysis/verdict.ts';
import type { Finding } from '../core/checks/finding.ts';
import type { Placement, Rollout, Verification } from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { World } from './world.ts';

/** A cancelled job has seconds left: only the health of what serves is asked then. */
const HURRIED: Milliseconds = 1_500;

/**
 * Looks once more at what serves now: is it healthy, and are its KPIs inside their alert limits?
 * In a hurry, or with no version to look at, the answer says so instead of pretending.
 */
export async function verify(
  world: World,
  rollout: Rollout,
  placement: Placement | null,
  stop: AbortSignal,
): Promise<Verification> {
  if (placement === null) return { outcome: 'not-done', findings: [] };
  const { tick, budgets } = rollout.plan;
  const hurried = stop.aborted;
  const limit = deadline(hurried ? HURRIED : Math.max(budgets.verify, 1));
  const health = await healthOf(world, placement, limit);
  if (health.some((finding) => finding.status !== 'pass')) return { outcome: 'fail', findings: health };
  if (hurried) return { outcome: 'not-done', findings: [...health, skipped('the job was cancelled')] };
  const kpis = await kpisOf(world, placement, tick, AbortSignal.any([limit, stop]));
  return { outcome: kpis.outcome, findings: [...health, ...kpis.findings] };
}

export async function healthOf(
  world: World,
  placement: Placement,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await world.target.health(placement, signal);
  } catch (error) {
    const title = `Health of ${placement.version}`;
    return [
      {
        check: 'health',
        title,
        status: 'error',
        observed: messageOf(error),
        expected: 'an answer from the version',
      },
    ];
  }
}

/** Judges single ticks without `for` windows until every required KPI has spoken and none is in doubt, one has failed, or time is up. */
async function kpisOf(
  world: World,
  placement: Placement,
  tick: Milliseconds,
  limit: AbortSignal,
): Promise<{ outcome: Verification['outcome']; findings: readonly Finding[] }> {
  const kpis = world.kpis.map((kpi) => instant(kpi, tick));
  let findings: readonly Finding[] = [skipped('time was up before the first look')];
  let state = initialAnalysis();
  let last = world.clock.monotonic();
  while (!limit.aborted) {
    const elapsed = world.clock.monotonic() - last;
    last += elapsed;
    const request = { canary: placement.slot, stable: null, elapsed };
    const sample = await world.metrics.sample(request, deadline(Math.max(tick, 1_000), limit));
    if (limit.aborted) break;
    const seen = analyse({ kpis, state, sample, weight: 100, share: null, comparison: null });
    state = seen.state;
    findings = seen.findings;
    if (seen.verdict.kind === 'fail') return { outcome: 'fail', findings };
    if (isWell(seen.verdict)) return { outcome: 'pass', findings };
    await world.clock.sleep(tick, limit);
  }
  return { outcome: 'not-done', findings };
}

/** Few events are no reason to wait here, but a breach that so few of them leave in doubt is. */
function isWell(verdict: TickVerdict): boolean {
  if (verdict.kind === 'short-of-samples') return verdict.reason.code !== 'guardrail-breached';
  return verdict.kind === 'pass';
}

function instant({ policy: _, ...kpi }: Kpi, tick: Milliseconds): Kpi {
  return {
    ...kpi,
    for: 0,
    window: tick,
    warmUp: 0,
    noData: { ...kpi.noData, budget: Number.MAX_SAFE_INTEGER },
  };
}

function skipped(why: string): Finding {
  return {
    check: 'kpis',
    title: 'KPIs',
    status: 'skipped',
    observed: why,
    expected: 'one look at every KPI',
  };
}
