import { z } from 'zod';
import type { EffectRules, JudgeConfig, JudgedMetric } from '../core/analysis/judge/config.ts';
import { type CheckedFile, checkFile } from './checked-file.ts';
import type { JsonSchema } from './json-schema.ts';
import { thresholds } from './judge-shape.ts';
import { type Flaw, flawed, type Telling } from './telling.ts';

/** What Kayenta's canary config says to its judge. Null thresholds: it names none. */
export interface CanaryConfig extends Omit<JudgeConfig, 'thresholds'> {
  readonly thresholds: JudgeConfig['thresholds'] | null;
}

const JUDGE = 'NetflixACAJudge-v1.0';

/*
 * Only what the judge reads is checked; any other key may hold anything. `none` is the word that Kayenta puts where
 * a strategy is left out.
 */
const flag = z.boolean().prefault(false);
const ratio = z.number().optional();
const analysis = z.object({
  direction: z.enum(['increase', 'decrease', 'either']).prefault('either'),
  nanStrategy: z.enum(['remove', 'replace', 'none']).prefault('none'),
  outliers: z
    .object({
      strategy: z.enum(['remove', 'keep', 'none']).prefault('none'),
      outlierFactor: z.number().positive().prefault(3),
    })
    .prefault({}),
  critical: flag,
  mustHaveData: flag,
  muted: flag,
  effectSize: z
    .object({
      measure: z.enum(['meanRatio', 'cles']).prefault('meanRatio'),
      allowedIncrease: ratio,
      allowedDecrease: ratio,
      criticalIncrease: ratio,
      criticalDecrease: ratio,
    })
    .prefault({}),
});

const metric = z.object({
  name: z
    .string()
    .min(1)
    .meta({ examples: ['error-rate'] }),
  groups: z.array(z.string().min(1)).meta({ examples: [['errors']] }),
  analysisConfigurations: z.object({ canary: analysis.prefault({}) }).prefault({}),
});

const schema = z
  .object({
    judge: z.object({
      name: z.string().refine((name) => name === JUDGE, {
        params: {
          expected: `the judge ${JUDGE}, the only one there is here`,
          fix: `name it, if its Mann-Whitney test is what you want`,
        } satisfies Telling,
      }),
    }),
    metrics: z.array(metric).min(1).max(500),
    classifier: z
      .object({
        groupWeights: z.record(z.string(), z.number().min(0).max(100)).prefault({}),
        scoreThresholds: z.object(thresholds.shape).optional(),
      })
      .prefault({}),
  })
  .superRefine(
    (parsed, context) => {
      for (const { path, ...telling } of flaws(outlineOf(parsed))) {
        context.addIssue({ ...flawed(telling), path: [...path] });
      }
    },
    { when: () => true },
  )
  .transform(
    ({ metrics, classifier }): CanaryConfig => ({
      metrics: metrics.map(judgedMetric),
      groupWeights: classifier.groupWeights,
      thresholds: classifier.scoreThresholds ?? null,
    }),
  );

/** Reads a canary config as Kayenta has it, from JSON. */
export function parseCanaryConfig(text: string, fileName: string): CheckedFile<CanaryConfig> {
  return checkFile(text, fileName, { schema, jsonSchema, view: (data) => data });
}

function jsonSchema(): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
}

const word = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const outline = z
  .object({
    metrics: z
      .array(
        z
          .object({
            name: word,
            groups: z.array(z.string()).catch([]),
            analysisConfigurations: z
              .object({ canary: z.object({ muted: z.boolean() }).partial().catch({}) })
              .partial()
              .catch({}),
          })
          .partial()
          .catch({}),
      )
      .catch([]),
    classifier: z
      .object({
        groupWeights: z.record(z.string(), z.number()).catch({}),
        scoreThresholds: z.object({ pass: number, marginal: number }).partial().catch({}),
      })
      .partial()
      .catch({}),
  })
  .partial()
  .catch({});

/** What could be read of a canary config that may have flaws, so that one run reports all of them. */
export type Outline = z.output<typeof outline>;

export function outlineOf(data: unknown): Outline {
  return outline.parse(data);
}

function flaws({ metrics = [], classifier = {} }: Outline): Flaw[] {
  const names = metrics.map(({ name }) => name);
  const again = names.flatMap((name, index): Flaw[] => {
    if (name === undefined || names.indexOf(name) === index) return [];
    const expected = 'a name of its own for each metric';
    return [
      { path: ['metrics', index, 'name'], expected, seen: `'${name}' again`, fix: 'rename one of the two' },
    ];
  });
  const { pass = 100, marginal = 0 } = classifier.scoreThresholds ?? {};
  const swapped: Flaw[] =
    marginal <= pass
      ? []
      : [
          {
            path: ['classifier', 'scoreThresholds', 'marginal'],
            expected: `a score of at most \`pass\` (${pass})`,
            fix: 'swap the two',
          },
        ];
  const groups = new Set(metrics.flatMap(({ groups: own = [] }) => own));
  return [...again, ...weightFlaws(groups, classifier.groupWeights ?? {}), ...swapped];
}

/** Weights that do not come to 100 would keep every canary below 100, or lift it above. */
function weightFlaws(groups: ReadonlySet<string>, weights: Readonly<Record<string, number>>): Flaw[] {
  const path = ['classifier', 'groupWeights'];
  const idle = Object.keys(weights).filter((name) => (weights[name] ?? 0) > 0 && !groups.has(name));
  if (idle.length > 0) {
    const expected = `a group that a metric is in (${[...groups].join(', ')})`;
    const fix = 'remove it, or correct the name: its weight could never be earned';
    return idle.map((name) => ({ path: [...path, name], expected, seen: `'${name}'`, fix }));
  }
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const isOpen = [...groups].some((name) => !Object.hasOwn(weights, name));
  if (total <= 100.01 && (isOpen || groups.size === 0 || total >= 99.99)) return [];
  const expected = isOpen ? 'weights of at most 100 in all' : 'weights of 100 in all';
  return [{ path, expected, seen: String(Number(total.toFixed(2))), fix: 'correct the weights' }];
}

function judgedMetric({ name, groups, analysisConfigurations }: z.output<typeof metric>): JudgedMetric {
  const { direction, nanStrategy, outliers, critical, mustHaveData, muted, effectSize } =
    analysisConfigurations.canary;
  return {
    name,
    groups,
    direction,
    missing: nanStrategy === 'replace' ? 'replace' : 'remove',
    outlierFactor: outliers.strategy === 'remove' ? outliers.outlierFactor : null,
    critical,
    mustHaveData,
    muted,
    effect: effectRules(effectSize),
  };
}

function effectRules({ measure, ...limits }: z.output<typeof analysis>['effectSize']): EffectRules {
  const standard = measure === 'cles' ? 0.5 : 1;
  return {
    measure: measure === 'cles' ? 'cles' : 'mean-ratio',
    allowedIncrease: limits.allowedIncrease ?? standard,
    allowedDecrease: limits.allowedDecrease ?? standard,
    criticalIncrease: limits.criticalIncrease ?? standard,
    criticalDecrease: limits.criticalDecrease ?? standard,
  };
}
