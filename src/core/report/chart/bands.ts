import type { PhaseName } from '../../rollout/record.ts';
import type { EpochMs } from '../../units.ts';
import type { Series, TrafficPoint } from '../series.ts';
import { formatPercent } from '../words.ts';

/** A stretch of time that belongs together: a step, or the way home. */
export interface Band {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly label: string;
  readonly isShaded: boolean;
}

const OUTSIDE: Readonly<Partial<Record<PhaseName, string>>> = {
  deploying: 'deploy',
  settling: 'settle',
  verifying: 'verify',
  aborting: 'back',
  confirming: 'back',
};

/** The stretches of a rollout, every other step shaded. */
export function bandsOf(series: Series, end: EpochMs): Band[] {
  const bands: Band[] = [];
  for (const [index, point] of series.traffic.entries()) {
    const to = series.traffic[index + 1]?.at ?? end;
    const label = labelOf(point);
    const last = bands.at(-1);
    if (label === null || to <= point.at) continue;
    if (last?.label === label && last.to === point.at) bands[bands.length - 1] = { ...last, to };
    else bands.push({ from: point.at, to, label, isShaded: point.step >= 0 && point.step % 2 === 0 });
  }
  return bands;
}

function labelOf(point: TrafficPoint): string | null {
  return point.step >= 0 ? formatPercent(point.asked) : (OUTSIDE[point.phase] ?? null);
}
