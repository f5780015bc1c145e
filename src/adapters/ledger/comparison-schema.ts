import { z } from 'zod';
import type { BetState } from '../../core/analysis/comparison/bet.ts';
import type { ComparisonState, Culprit } from '../../core/analysis/comparison/evidence.ts';
import type { HistoryState } from '../../core/analysis/comparison/history.ts';
import type { ComparisonProgress } from '../../core/analysis/comparison/progress.ts';
import type { TrackState } from '../../core/analysis/comparison/track.ts';

const number = z.number();
const numbers = z.array(number).readonly();
const two = z.tuple([number, number]).readonly();
const three = z.tuple([number, number, number]).readonly();
const four = z.tuple([number, number, number, number]).readonly();
const counts = { canaryBad: number, canaryTotal: number, stableBad: number, stableTotal: number };

const bet = z.strictObject({
  logs: numbers,
  invested: z.number().int().nonnegative(),
  corroboration: z
    .strictObject({
      raw: z.array(numbers).readonly(),
      won: z.array(numbers).readonly(),
      slotAt: number,
      older: numbers,
    })
    .exactOptional(),
}) satisfies z.ZodType<BetState>;

const scale = z.tuple([four, four, number, two, two]).readonly();
const clumpScale = z.strictObject({
  past: four,
  block: four,
  elapsed: number,
  index: two,
  shared: three,
  dense: two,
});

const track = z.strictObject({
  dispersion: z.array(scale).readonly(),
  clumps: z.array(clumpScale).readonly().exactOptional(),
  since: z.strictObject({ counts: four, low: number, ms: number }),
  bets: z.array(bet).readonly(),
  safest: number,
}) satisfies z.ZodType<TrackState>;

const history = z.strictObject({
  earlier: z.strictObject(counts),
  bad: number,
  total: number,
  wealth: numbers,
  idle: number,
}) satisfies z.ZodType<HistoryState>;

const state = z.strictObject({
  age: number.nullable(),
  tracks: z.array(track).readonly(),
  histories: z.array(history).readonly(),
  peak: number,
}) satisfies z.ZodType<ComparisonState>;

const arm = z.strictObject({ bad: number, total: number });
const suspect = z.strictObject({
  stream: z.string(),
  kpi: z.string(),
  event: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('bad') }),
    z.strictObject({ type: z.literal('slower'), bound: number }),
  ]),
  canary: arm,
  stable: arm.nullable(),
  limit: number.nullable(),
  watched: number.nullable(),
  chance: number,
}) satisfies z.ZodType<Culprit>;

export const comparisonProgress = z.strictObject({
  bounds: z.record(z.string(), numbers),
  streams: z.array(z.string()).readonly(),
  state,
  log: number,
  threshold: number,
  suspect: suspect.nullable(),
  nonInferior: z.boolean(),
}) satisfies z.ZodType<ComparisonProgress>;
