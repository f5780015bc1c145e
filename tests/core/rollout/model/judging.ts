import type { RolloutEvent } from '../../../../src/core/rollout/events.ts';
import type { Reason } from '../../../../src/core/rollout/reason.ts';
import type { Rollout } from '../../../../src/core/rollout/record.ts';
import { PROVEN, SUSPECTED } from '../sample-rollout.ts';
import { isCleared } from './least-served.ts';
import { from, type Writer } from './memory.ts';

const VERDICTS = [
  'pass',
  'pass',
  'pass',
  'pass',
  'pass',
  'pass',
  'hold',
  'short-of-samples',
  'fail',
] as const;

/** What a tick says, as luck has it. */
export function judged(me: Writer, rollout: Rollout, step: number, elapsed: number): RolloutEvent {
  const kind = VERDICTS[me.world.choose(VERDICTS.length)] ?? 'pass';
  const reason: Reason = { code: 'no-data', message: kind };
  const verdict = kind === 'pass' ? { kind } : { kind, reason };
  const analysis = compared(me, rollout);
  const cleared = isCleared(analysis.comparison);
  me.world.tell({ type: 'looked', by: me, rollout: rollout.id, step, elapsed, verdict: kind, cleared });
  return { ...from(me), type: 'ticked', step, elapsed, analysis, verdict, findings: [] };
}

/** Now and then the canary is proven no worse, which stays, or is suspected after all. Nobody asks where no plan would care. */
function compared(me: Writer, { plan, analysis }: Rollout): Rollout['analysis'] {
  const matters = plan.steps.some(({ promoteEarly }) => promoteEarly !== undefined);
  const seen = matters ? [null, null, PROVEN, SUSPECTED][me.world.choose(4)] : null;
  return seen ? { ...analysis, comparison: seen } : analysis;
}
