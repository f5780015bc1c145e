/** Seeded random numbers: the same seed gives the same rollouts on every machine. */
export interface Random {
  uniform(): number;
  normal(): number;
  poisson(mean: number): number;
  binomial(count: number, share: number): number;
  gamma(shape: number): number;
  /** 1, 2, 3... with the given mean. */
  geometric(mean: number): number;
}

export function seeded(seed: number): Random {
  const uniform = splitMix(seed);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    poisson: (mean) => poisson(uniform, mean),
    binomial: (count, share) => binomial(uniform, count, share),
    gamma: (shape) => gamma(uniform, normal, shape),
    geometric: (mean) => (mean <= 1 ? 1 : 1 + Math.floor(Math.log(uniform()) / Math.log1p(-1 / mean))),
  };
}

function splitMix(seed: number): () => number {
  let a = (seed ^ 0x9e3779b9) >>> 0;
  let b = Math.imul(seed + 1, 0x85ebca6b) >>> 0;
  let c = 0x1b873593;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return ((t >>> 0) + 0.5) / 4294967296;
  };
  for (let warm = 0; warm < 20; warm++) next();
  return next;
}

function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const x = k + 1;
  return (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + 1 / (12 * x) - 1 / (360 * x * x * x);
}

/** Inversion for small means, Hörmann's PTRS (1993) for the others. */
function poisson(uniform: () => number, mean: number): number {
  if (mean <= 0) return 0;
  if (mean < 12) {
    let probability = Math.exp(-mean);
    let rest = uniform();
    let k = 0;
    while (rest > probability && k < 200) {
      rest -= probability;
      k++;
      probability *= mean / k;
    }
    return k;
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const edge = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= edge) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (
      Math.log(v) + Math.log(inverse) - Math.log(a / (us * us) + b) <=
      -mean + k * Math.log(mean) - logFactorial(k)
    )
      return k;
  }
}

/** Inversion for small means, Hörmann's BTRS (1993) for the others. */
function binomial(uniform: () => number, count: number, share: number): number {
  if (count <= 0 || share <= 0) return 0;
  if (share >= 1) return count;
  if (share > 0.5) return count - binomial(uniform, count, 1 - share);
  const odds = share / (1 - share);
  if (count * share < 12) {
    let probability = Math.exp(count * Math.log1p(-share));
    let rest = uniform();
    let k = 0;
    while (rest > probability && k < count) {
      rest -= probability;
      k++;
      probability *= ((count - k + 1) / k) * odds;
    }
    return k;
  }
  const deviation = Math.sqrt(count * share * (1 - share));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * share;
  const c = count * share + 0.5;
  const edge = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((count + 1) * share);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= edge) return k;
    const bound = Math.log((v * alpha) / (a / (us * us) + b));
    const height =
      logFactorial(mode) +
      logFactorial(count - mode) -
      logFactorial(k) -
      logFactorial(count - k) +
      (k - mode) * Math.log(odds);
    if (bound <= height) return k;
  }
}

/** Marsaglia and Tsang (2000), for shapes of at least 1. */
function gamma(uniform: () => number, normal: () => number, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
