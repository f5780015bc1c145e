import type { Milliseconds } from '../../units.ts';

/** Values from `from` to `to`, drawn from pixel `start` to pixel `end`. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** The pixel of a value, kept inside the scale. */
export function pixel(scale: Scale, value: number): number {
  const share = (value - scale.from) / (scale.to - scale.from);
  return scale.start + Math.min(1, Math.max(0, share)) * (scale.end - scale.start);
}

/** Round values between `from` and `to`, about `count` of them. */
export function valueTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  return multiples(from, to, size);
}

const SECOND: Milliseconds = 1_000;
const TIME_SIZES: readonly Milliseconds[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * SECOND);

/** Round times from 0 to `length`, at most `count` and one more. */
export function timeTicks(length: Milliseconds, count: number): Milliseconds[] {
  const size = TIME_SIZES.find((one) => length / one <= count) ?? Math.ceil(length / count);
  return multiples(0, length, size);
}

function multiples(from: number, to: number, size: number): number[] {
  const first = Math.ceil(from / size - 1e-9);
  const last = Math.floor(to / size + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * size).toPrecision(12)),
  );
}
