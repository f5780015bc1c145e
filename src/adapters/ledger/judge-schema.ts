import { z } from 'zod';
import type { Gathered } from '../../core/analysis/judge/intervals.ts';
import type { JudgeProgress } from '../../core/analysis/judge/progress.ts';
import type { TickVerdict } from '../../core/analysis/verdict.ts';
import { finding, reason } from './finding-schema.ts';

const numbers = z.array(z.number()).readonly();

const gathered = z.strictObject({
  sum: z.number(),
  count: z.number(),
  shape: z.strictObject({ bounds: numbers, counts: numbers }).nullable(),
}) satisfies z.ZodType<Gathered>;

const arm = z.strictObject({ values: z.array(z.number().nullable()).readonly(), open: gathered.nullable() });

const verdict = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pass') }),
  z.strictObject({ kind: z.literal('short-of-samples'), reason }),
  z.strictObject({ kind: z.literal('hold'), reason }),
  z.strictObject({ kind: z.literal('fail'), reason }),
]) satisfies z.ZodType<TickVerdict>;

export const judgeProgress = z.strictObject({
  intervals: z.strictObject({
    interval: z.number().positive(),
    count: z.number().int().nonnegative(),
    kpis: z.record(z.string(), z.strictObject({ canary: arm, stable: arm })),
  }),
  told: z.strictObject({ verdict, finding, last: z.boolean() }).nullable(),
}) satisfies z.ZodType<JudgeProgress>;
