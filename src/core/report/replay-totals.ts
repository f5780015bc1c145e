import type { Replayed } from '../replay/decide.ts';
import { medianOf } from '../replay/score.ts';
import { formatCount } from './words.ts';

/** What became of many rollouts. */
export interface Totals {
  readonly rollouts: number;
  readonly aborted: number;
  /** From the start to the abort, median of the aborted ones; null when none was. */
  readonly medianSeconds: number | null;
}

export function totalsOf(replayed: readonly Pick<Replayed, 'seconds'>[]): Totals {
  const seconds = replayed.flatMap((one) => (one.seconds === null ? [] : [one.seconds]));
  return { rollouts: replayed.length, aborted: seconds.length, medianSeconds: medianOf(seconds) };
}

/** `702 rollouts: 222 aborted, 480 promoted`. */
export function totalsWords({ rollouts, aborted }: Totals): string {
  const count = `${formatCount(rollouts)} ${rollouts === 1 ? 'rollout' : 'rollouts'}`;
  const ends = `${formatCount(aborted)} aborted, ${formatCount(rollouts - aborted)} promoted`;
  return `${count}: ${ends}`;
}

/** `median 110 s to abort`; empty when nothing was. */
export function paceWords({ medianSeconds }: Totals): string {
  return medianSeconds === null ? '' : `median ${formatCount(medianSeconds)} s to abort`;
}
