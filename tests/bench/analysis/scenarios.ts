import type { Scenario } from './simulate.ts';

const LOADS = [5, 50, 500];

type Kinds = Readonly<Record<string, Partial<Scenario>>>;

/** A canary that starts slow for two minutes and fails more in the first. */
const cold = (slower: number, more: number) => (age: number) => ({
  slower: age < 12 ? 1 + (slower - 1) * (1 - age / 12) : 1,
  moreErrors: age < 6 ? more : 0,
});

const late = (onset: number, more: number): Partial<Scenario> => ({
  base: 0.01,
  onset,
  canary: () => ({ moreErrors: more }),
});

/** The kinds of rollout that the open corpus has, by the names it gives them. */
export function standard(): Scenario[] {
  const noise = { errors: 0.5, latency: 0.1 };
  const harmless: Kinds = {
    ...overBases('A/A plain', () => ({})),
    'A/A bursts+diurnal, both arms': { environment: 'bursts' },
    'A/A outage 50% 2 min, both arms': { environment: 'outage' },
    'A/A outage, arms scraped 10 s apart': { environment: 'misaligned' },
    'A/A latency x4 3 min, both arms': { environment: 'slow-outage' },
    'A/A arm-level overdispersion': { noise },
    'A/A errors in clumps (mean 4, one tick)': { groups: { size: 4, spread: 1 } },
    'A/A retry sessions (mean 4 errors over ~60 s)': { groups: { size: 4, spread: 6 } },
    'cold start: 2 min x2.5 latency, 1 min +2pt': { canary: cold(2.5, 0.02) },
    'benign: canary errors x1.08, latency x1.03': { canary: () => ({ errors: 1.08, slower: 1.03 }) },
    'canary better: errors x0.6, latency x0.9': {
      base: 0.01,
      canary: () => ({ errors: 0.6, slower: 0.9 }),
    },
  };
  const harmful: Kinds = {
    ...overBases('error +0.5pt', () => ({ moreErrors: 0.005 })),
    ...overBases('error =5%', (base) => ({ moreErrors: 0.05 - base })),
    ...overBases('error =20%', (base) => ({ moreErrors: 0.2 - base })),
    ...overBases('error =100%', (base) => ({ moreErrors: 1 - base })),
    'error 1->2%': { base: 0.01, canary: () => ({ moreErrors: 0.01 }) },
    'error 1->3%': { base: 0.01, canary: () => ({ moreErrors: 0.02 }) },
    'latency x1.3': { canary: () => ({ slower: 1.3 }) },
    'latency x2': { canary: () => ({ slower: 2 }) },
    'latency tail-only': { canary: () => ({ tail: 0.03 }) },
    'late onset 1->5% in step 1': late(72, 0.04),
    'onset at 50 % step, 1->5%': late(180, 0.04),
    'onset at 100 % step, 1->5%': late(270, 0.04),
    'ramp +0..4pt over 30 min': { canary: (age) => ({ moreErrors: 0.04 * Math.min(1, age / 180) }) },
    '5% under bursts': { environment: 'bursts', canary: () => ({ moreErrors: 0.045 }) },
    '1->3% under overdispersion': { base: 0.01, noise, canary: () => ({ moreErrors: 0.02 }) },
    'latency x1.3 under overdispersion': { noise, canary: () => ({ slower: 1.3 }) },
    '20% and a shared outage': {
      environment: 'outage',
      onset: 36,
      canary: () => ({ moreErrors: 0.195 }),
    },
  };
  return [...expand(harmless, 'benign'), ...expand(harmful, 'regression')];
}

/** One kind of rollout at three base rates, as one family. */
function overBases(family: string, canary: (base: number) => ReturnType<NonNullable<Scenario['canary']>>) {
  const kinds = [0.001, 0.005, 0.01].map((base) => {
    const name = `${family}, base ${100 * base} %`;
    return [name, { family, base, canary: () => canary(base) }] as const;
  });
  return Object.fromEntries(kinds);
}

/** Harmless rollouts beyond the corpus's: milder and harsher ones, and other base rates. */
export function widerBenign(): Scenario[] {
  const kinds: Record<string, Partial<Scenario>> = {
    'A/A plain 0.1 %': { base: 0.001 },
    'A/A plain 0.5 %': {},
    'A/A plain 1 %': { base: 0.01 },
    'bursts and daily cycle': { environment: 'bursts' },
    'bursts, half as strong': { environment: 'bursts', force: 0.5 },
    'shared outage': { environment: 'outage' },
    'shared outage, scraped 10 s apart': { environment: 'misaligned' },
    'latency x4 on both': { environment: 'slow-outage' },
    'arm-level overdispersion': { noise: { errors: 0.5, latency: 0.1 } },
    'arm-level overdispersion, stronger': { noise: { errors: 0.7, latency: 0.14 } },
    'clumps of 4': { groups: { size: 4, spread: 1 } },
    'clumps of 6': { groups: { size: 6, spread: 1 } },
    'retry sessions 4/60 s': { groups: { size: 4, spread: 6 } },
    'retry sessions 4/60 s, 1 %': { base: 0.01, groups: { size: 4, spread: 6 } },
    'retry sessions 4/60 s, 0.1 %': { base: 0.001, groups: { size: 4, spread: 6 } },
    'retry sessions 3/40 s': { groups: { size: 3, spread: 4 } },
    'retry sessions 6/90 s': { groups: { size: 6, spread: 9 } },
    'cold start x2.5 +2pt': { canary: cold(2.5, 0.02) },
    'cold start x2.5 +2pt, 1 %': { base: 0.01, canary: cold(2.5, 0.02) },
    'cold start x3 +3pt': { canary: cold(3, 0.03) },
    'cold start x2 +1pt': { canary: cold(2, 0.01) },
    'errors x1.08, latency x1.03': { canary: () => ({ errors: 1.08, slower: 1.03 }) },
    'canary better': { base: 0.01, canary: () => ({ errors: 0.6, slower: 0.9 }) },
  };
  return expand(kinds, 'benign');
}

/** Harmful rollouts beyond the corpus's: effects between and beyond them. */
export function widerRegressions(): Scenario[] {
  const kinds: Record<string, Partial<Scenario>> = {};
  for (const base of [0.001, 0.005, 0.01]) {
    for (const rate of [0.04, 0.05, 0.1, 0.2, 1]) {
      kinds[`errors ${100 * base} to ${100 * rate} %`] = {
        base,
        canary: () => ({ moreErrors: rate - base }),
      };
    }
  }
  for (const more of [0.01, 0.015, 0.02, 0.03]) {
    kinds[`errors 1 to ${(1 + 100 * more).toFixed(1)} %`] = {
      base: 0.01,
      canary: () => ({ moreErrors: more }),
    };
  }
  kinds['errors 0.5 to 1 %'] = { canary: () => ({ moreErrors: 0.005 }) };
  for (const slower of [1.2, 1.3, 1.5, 2, 3]) kinds[`latency x${slower}`] = { canary: () => ({ slower }) };
  for (const tail of [0.02, 0.03, 0.05]) kinds[`tail ${100 * tail} %`] = { canary: () => ({ tail }) };
  kinds['1 to 5 % after 12 min'] = late(72, 0.04);
  kinds['1 to 5 % at the 50 % step'] = late(180, 0.04);
  kinds['1 to 5 % at the 100 % step'] = late(270, 0.04);
  kinds['1 to 4 % in the 100 % step'] = late(300, 0.03);
  kinds['1 to 3 % in the 100 % step'] = late(330, 0.02);
  kinds['latency x1.3, overdispersion'] = {
    noise: { errors: 0.5, latency: 0.1 },
    canary: () => ({ slower: 1.3 }),
  };
  kinds['1 to 3 %, overdispersion'] = {
    base: 0.01,
    noise: { errors: 0.5, latency: 0.1 },
    canary: () => ({ moreErrors: 0.02 }),
  };
  kinds['5 % under bursts'] = { environment: 'bursts', canary: () => ({ moreErrors: 0.045 }) };
  kinds['5 % with retry sessions'] = {
    groups: { size: 4, spread: 6 },
    canary: () => ({ moreErrors: 0.045 }),
  };
  return expand(kinds, 'regression');
}

function expand(kinds: Kinds, truth: Scenario['truth']): Scenario[] {
  return LOADS.flatMap((rps) =>
    Object.entries(kinds).map(([name, kind]): Scenario => ({ name, truth, rps, base: 0.005, ...kind })),
  );
}
