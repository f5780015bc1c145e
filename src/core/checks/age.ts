import { type EpochMs, formatDuration, type Milliseconds } from '../units.ts';

const DAY: Milliseconds = 86_400_000;

/** An age as a person says it: `40m`, `5h 20m`, `3 days`. */
export function formatAge(age: Milliseconds): string {
  if (age >= 2 * DAY) return `${Math.floor(age / DAY)} days`;
  return formatDuration(Math.max(0, Math.round(age / 60_000) * 60_000 || age));
}

/** `2026-11-23 14:02 UTC`. */
export function formatMinute(at: EpochMs): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
