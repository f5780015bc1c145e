const MOST_STEPS = 1_001;
/** Absolute, in the unit of the argument. */
const TOLERANCE = 1e-4;

/**
 * A root of a function with `low` ≥ 0 ≥ `high` at the ends of [a, b], by Brent's method as in R's `zeroin`: the
 * function may be a step function, and the answer is within 1e-4 of where it crosses 0.
 */
export function findRoot(
  f: (x: number) => number,
  from: number,
  to: number,
  atFrom: number,
  atTo: number,
): number {
  if (atFrom === 0) return from;
  if (atTo === 0) return to;
  let [a, b, c] = [from, to, from];
  let [fa, fb, fc] = [atFrom, atTo, atFrom];
  for (let step = 0; step < MOST_STEPS; step++) {
    const before = b - a;
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const least = 2 * Number.EPSILON * Math.abs(b) + TOLERANCE / 2;
    const half = (c - b) / 2;
    if (Math.abs(half) <= least || fb === 0) return b;
    const isUseful = Math.abs(before) >= least && Math.abs(fa) > Math.abs(fb);
    const guess = isUseful ? interpolate({ a, b, c, fa, fb, fc }, before, least) : null;
    const move = guess ?? half;
    a = b;
    fa = fb;
    b += Math.abs(move) >= least ? move : move > 0 ? least : -least;
    fb = f(b);
    if ((fb > 0 && fc > 0) || (fb < 0 && fc < 0)) {
      c = a;
      fc = fa;
    }
  }
  return b;
}

interface Points {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly fa: number;
  readonly fb: number;
  readonly fc: number;
}

/** The step that a line or an inverse parabola through the points suggests; null when it would leave the bracket. */
function interpolate({ a, b, c, fa, fb, fc }: Points, before: number, least: number): number | null {
  const width = c - b;
  let p: number;
  let q: number;
  if (a === c) {
    const t = fb / fa;
    p = width * t;
    q = 1 - t;
  } else {
    const r = fa / fc;
    const s = fb / fc;
    const t = fb / fa;
    p = t * (width * r * (r - s) - (b - a) * (s - 1));
    q = (r - 1) * (s - 1) * (t - 1);
  }
  if (p > 0) q = -q;
  else p = -p;
  const fits = p < 0.75 * width * q - Math.abs(least * q) / 2 && p < Math.abs((before * q) / 2);
  return fits ? p / q : null;
}
