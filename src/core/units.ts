/** A share of traffic or of time, 0 to 100. */
export type Percent = number;
/** A span of time in milliseconds. */
export type Milliseconds = number;
/** A point in time: milliseconds since the Unix epoch, as a wall clock says it. */
export type EpochMs = number;
/** A part of a whole, 0 to 1. */
export type Ratio = number;

const UNITS: readonly (readonly [string, Milliseconds])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Writes a duration as a person says it: `90 min` is `1h 30m`, 45,000 ms is `45s`, 1,500 ms is `1.5s`. */
export function formatDuration(ms: Milliseconds): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 10_000) return `${Number((ms / 1_000).toFixed(1))}s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1_000) * 1_000;
  for (const [unit, size] of UNITS.slice(0, 3)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join(' ');
}

/** Reads `30m`, `1h 30m`, `250ms`, `1.5s`; null when it is not a duration. */
export function parseDuration(text: string): Milliseconds | null {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(trimmed)) return null;
  const sizes: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    total += Number(count) * (sizes[unit ?? ''] ?? 0);
  }
  return Math.round(total);
}
