import { z } from 'zod';
import type { RegisteredMetrics } from '../ports/metrics-provider.ts';
import { LIMIT_UNITS } from './limit.ts';

const text = z.string().optional().catch(undefined);
const amount = z.number().optional().catch(undefined);
const limit = z
  .object({
    comparator: z.enum(['<=', '<', '>=', '>']),
    amount: z.number(),
    unit: z.enum(LIMIT_UNITS),
  })
  .optional()
  .catch(undefined);
const selector = z
  .object({ metric: z.string(), matchers: z.array(z.object({ label: z.string() })) })
  .optional()
  .catch(undefined);

const policy = z
  .object({
    'failures-allowed': z
      .union([z.number(), z.literal('unlimited')])
      .optional()
      .catch(undefined),
    'inconclusive-allowed': amount,
    'consecutive-successes-needed': amount,
    count: amount,
    interval: amount,
    'initial-delay': amount,
  })
  .partial()
  .optional()
  .catch(undefined);

const kpi = z
  .object({
    type: text,
    id: text,
    scope: text,
    bad: z.unknown(),
    good: z.unknown(),
    total: z.unknown(),
    histogram: selector,
    'histogram-unit': text,
    value: selector,
    'divided-by': z.unknown(),
    unit: text,
    target: limit,
    alert: limit,
    for: amount,
    window: amount,
    policy,
  })
  .partial()
  .catch({});

const step = z
  .object({ weight: amount, bake: amount, 'max-bake': amount, require: text, 'promote-early': amount })
  .partial()
  .catch({});
const plan = z
  .object({ steps: z.array(step).optional().catch(undefined), tick: amount, checkpoint: amount, mode: text })
  .partial()
  .catch({});
const judge = z
  .union([z.object({ interval: amount }), z.literal('off')])
  .optional()
  .catch(undefined);
const lacks = z.custom<NonNullable<RegisteredMetrics['lacks']>>((value) => typeof value === 'function');
const metrics = z
  .object({
    type: text,
    create: z.unknown().optional(),
    figures: z.unknown().optional(),
    past: z.unknown().optional(),
    lacks: lacks.optional().catch(undefined),
    lateness: amount,
  })
  .optional()
  .catch(undefined);
const environment = z
  .object({
    plan: plan.optional(),
    lease: amount,
    comparison: z.unknown(),
    judge,
    metrics,
    'share-tolerance': z.unknown(),
  })
  .partial()
  .catch({});

const loadTestFields = z
  .object({
    generate: z
      .object({ duration: z.number().nullable().catch(null) })
      .optional()
      .catch(undefined),
    hold: amount,
    metrics,
    latency: z.record(z.string(), z.unknown()).catch({}),
    resources: z
      .array(z.object({ name: text }).catch({ name: undefined }))
      .optional()
      .catch([]),
  })
  .partial();
const loadTest = z
  .record(z.string(), z.unknown())
  .transform((written) => ({
    ...loadTestFields.parse(written),
    /** Keys that are there, whatever is in them. */
    given: Object.keys(written),
    isQueried: typeof written.normal === 'object' && written.normal !== null,
  }))
  .optional()
  .catch(undefined);

const check = z.object({ id: text }).catch({ id: undefined });
const waiver = z.object({ checklist: text, check: text }).partial().catch({});

/**
 * What could be read of a file that may have flaws: what could not be read is missing. It lets the rules
 * between values speak in the same run as the complaints about single values.
 */
const view = z
  .object({
    kpis: z.array(kpi).optional().catch([]),
    traffic: z.unknown(),
    comparison: z.unknown(),
    plan,
    judge,
    environments: z.record(z.string(), environment).optional().catch({}),
    checklists: z.record(z.string(), z.array(check).catch([])).catch({}),
    waivers: z.array(waiver).catch([]),
    'load-tests': z.record(z.string(), loadTest).catch({}),
  })
  .partial()
  .catch({});

export interface View extends z.output<typeof view> {
  /** Top-level keys that are there, whatever is in them; left out where the file is no map. */
  readonly given?: readonly string[];
}
export type KpiView = z.output<typeof kpi>;
export type LoadTestView = NonNullable<z.output<typeof loadTest>>;
export type PlanView = z.output<typeof plan>;

/** The view of a parsed file, without the values at the paths that were complained about. */
export function viewOf(parsed: unknown, flawed: readonly (readonly PropertyKey[])[]): View {
  const read = view.parse(flawed.reduce(blank, parsed));
  const isMap = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  return isMap ? { ...read, given: Object.keys(parsed) } : read;
}

/** The data with null at a path. A blank still says that the key is there. */
function blank(data: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return null;
  if (Array.isArray(data)) return data.map((item, index) => (index === key ? blank(item, rest) : item));
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === key ? blank(value, rest) : value]),
  );
}
