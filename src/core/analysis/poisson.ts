/**
 * Upper tail of the Poisson distribution, for counts from 0 to 1e12 and beyond.
 * Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (AS); NIST Digital Library of Mathematical
 * Functions (DLMF); Press et al., Numerical Recipes, 3rd ed., 6.2 (NR); Temme 1979, "The asymptotic expansion of
 * the incomplete gamma functions", SIAM J. Math. Anal. 10.
 */

/** From here on the uniform expansion is exact to double precision with three terms, and costs no loop. */
const LARGE = 10_000;
const MOST_TERMS = 100_000;
const TINY = 1e-300;

/**
 * P(X >= x) for X ~ Poisson(mean): the regularised lower incomplete gamma function P(x, mean), AS 6.5.13.
 * A number in [0, 1] for every finite x and mean.
 */
export function poissonTail(x: number, mean: number): number {
  if (x <= 0) return 1;
  if (mean <= 0) return 0;
  if (x >= LARGE) return uniformExpansion(x, mean);
  return mean < x + 1 ? series(x, mean) : 1 - continuedFraction(x, mean);
}

/** P(a, x) = x^a e^-x / Gamma(a) * sum of x^k / (a (a+1) ... (a+k)), AS 6.5.29. */
function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; k < MOST_TERMS; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * Number.EPSILON) break;
  }
  return Math.min(1, sum * prefactor(a, x));
}

/** Q(a, x) = 1 - P(a, x) by the continued fraction AS 6.5.31, evaluated as in NR 6.2 (modified Lentz). */
function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let product = d;
  for (let i = 1; i < MOST_TERMS; i += 1) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    product *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) break;
  }
  return Math.min(1, product * prefactor(a, x));
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** x^a e^-x / Gamma(a), written for large a so that no two large logarithms are subtracted. */
function prefactor(a: number, x: number): number {
  if (a < 10) return Math.exp(a * Math.log(x) - x - logGamma(a));
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * log1pMinus((x - a) / a) - stirlingError(a));
}

/** log Gamma(a) - [(a - 1/2) log a - a + log(2 pi) / 2], DLMF 5.11.1; for a >= 10 to 1e-15. */
function stirlingError(a: number): number {
  const s = 1 / (a * a);
  return (
    (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360_360))))) / a
  );
}

/** Lanczos' approximation with g = 7 and nine terms (coefficients: Godfrey 2001), for a > 0. */
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

function logGamma(a: number): number {
  const base = a + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => total + c / (a + i), 0.9999999999998099);
  return (a - 0.5) * Math.log(base) - base + 0.5 * Math.log(2 * Math.PI) + Math.log(sum);
}

/** log(1 + d) - d without cancellation near 0. */
function log1pMinus(d: number): number {
  if (Math.abs(d) > 0.1) return Math.log1p(d) - d;
  let power = d;
  let sum = 0;
  for (let k = 2; k < 40; k += 1) {
    power *= -d;
    sum += power / k;
    if (Math.abs(power) < Math.abs(sum) * 1e-18) break;
  }
  return sum;
}

/** Taylor coefficients in eta of the functions c0, c1 and c2 of DLMF 8.12. */
const EXPANSION = [
  [
    -1 / 3,
    1 / 12,
    -2 / 135,
    1 / 864,
    1 / 2835,
    -0.0001787551440329218,
    3.919263178522438e-5,
    -2.1854485106799924e-6,
    -1.85406221071516e-6,
    8.296711340953087e-7,
    -1.7665952736826078e-7,
    6.707853543401498e-9,
    1.0261809784240309e-8,
    -4.382036018453353e-9,
    9.14769958223679e-10,
    -2.551419399494625e-11,
  ],
  [
    -1 / 540,
    -1 / 288,
    0.0026455026455026454,
    -0.0009902263374485596,
    0.00020576131687242798,
    -4.018775720164609e-7,
    -1.8098550334489977e-5,
    7.64916091608111e-6,
    -1.6120900894563446e-6,
    4.647127802807434e-9,
  ],
  [
    0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-6,
    -0.00010736653226365161,
  ],
];

/** P(a, x) for large a by Temme's uniform expansion, DLMF 8.12; past |eta| = 1 it is 0 or 1. */
function uniformExpansion(a: number, x: number): number {
  const half = -log1pMinus((x - a) / a);
  const eta = Math.sign(x - a) * Math.sqrt(2 * half);
  if (Math.abs(eta) > 1) return eta < 0 ? 0 : 1;
  const correction = EXPANSION.reduceRight(
    (sum, row) => sum / a + row.reduceRight((inner, c) => inner * eta + c, 0),
    0,
  );
  const rest = (Math.exp(-a * half) / Math.sqrt(2 * Math.PI * a)) * correction;
  const tail = halfErfc(a * half);
  return clamp(eta < 0 ? tail - rest : 1 - tail - rest);
}

/** erfc(sqrt(y)) / 2 = Q(1/2, y) / 2, AS 6.5.17. */
function halfErfc(y: number): number {
  if (y === 0) return 0.5;
  return (y < 1.5 ? 1 - series(0.5, y) : continuedFraction(0.5, y)) / 2;
}

function clamp(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
