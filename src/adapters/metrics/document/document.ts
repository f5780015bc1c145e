import { z } from 'zod';
import { type EpochMs, formatDuration, type Milliseconds } from '../../../core/units.ts';
import type { Series } from '../series.ts';
import { seriesKey } from '../series.ts';

/** The label that a slot becomes; KPIs do not name it. */
export const SLOT_LABEL = 'slot';

const name = z
  .string()
  .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'expected a metric name such as http_requests_total');
const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected a label name such as code');
const labels = z
  .record(label, z.string())
  .refine((all) => !(SLOT_LABEL in all), 'expected the slot as `slot`, beside the labels')
  .default({});
const about = { name, labels, slot: z.enum(['a', 'b']).optional() };
const count = z.number().nonnegative();

const seriesSchema = z.union([
  z.strictObject({ ...about, value: z.number() }),
  z.strictObject({ ...about, buckets: z.record(z.string(), count) }),
]);

const documentSchema = z.strictObject({
  version: z.literal(1),
  at: z.iso.datetime({ offset: true }),
  series: z.array(seriesSchema).max(100_000),
});

export interface Document {
  readonly series: readonly Series[];
  /** When its numbers were true, by whoever wrote it. */
  readonly date: EpochMs;
}

/** What is wrong with a document; the message says where, what was expected and what to change. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** Reads a document of series. Strict: what is not understood could be a number that is missed. */
export function parseDocument(text: string): Document {
  const parsed = documentSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new DocumentError(tellFirst(parsed.error));
  const series = parsed.data.series.flatMap(seriesOf);
  const keys = new Set<string>();
  for (const one of series) {
    const key = seriesKey(one.name, one.labels);
    if (keys.has(key)) throw new DocumentError(`expected each series once, saw ${key} again; add them up`);
    keys.add(key);
  }
  return { series, date: Date.parse(parsed.data.at) };
}

/** Numbers of long ago tell nothing of the canary; those of the future come of a wrong clock. */
export function checkAge({ date }: Document, now: EpochMs, most: Milliseconds): void {
  const age = now - date;
  if (Math.abs(age) <= most) return;
  const seen = age > 0 ? `some that are ${formatDuration(age)} old` : `some of ${formatDuration(-age)} ahead`;
  const fix = 'check `at`, the clock of whoever writes it, and stale-after';
  throw new DocumentError(`expected numbers of the last ${formatDuration(most)}, saw ${seen}; ${fix}`);
}

function seriesOf(one: z.infer<typeof seriesSchema>): readonly Series[] {
  const all = new Map(Object.entries(one.labels));
  if (one.slot !== undefined) all.set(SLOT_LABEL, one.slot);
  if ('value' in one) return [{ name: one.name, labels: all, value: one.value }];
  return Object.entries(one.buckets).map(([le, value]) => ({
    name: `${one.name}_bucket`,
    labels: new Map([...all, ['le', le]]),
    value,
  }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DocumentError(
      `expected one JSON document, saw ${JSON.stringify(text.trim().slice(0, 80))}; check that nothing else is written`,
    );
  }
}

function tellFirst({ issues }: z.ZodError): string {
  const [issue] = issues;
  const where = issue?.path.join('.') ?? '';
  const place = where === '' ? 'the document' : where;
  return `${place}: ${issue?.message ?? 'not understood'}; check it against the guide to metrics`;
}
