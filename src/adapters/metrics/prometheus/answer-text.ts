import { z } from 'zod';
import type { EpochMs } from '../../../core/units.ts';
import type { NativeBuckets } from './native-histogram.ts';

export interface RawSample {
  readonly at: EpochMs;
  /** Of a native histogram: all its events. */
  readonly value: number;
  readonly buckets: NativeBuckets | null;
}

/** One series with the samples that were scraped, oldest first. */
export interface RawSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly samples: readonly RawSample[];
}

export type Answer =
  | { readonly kind: 'series'; readonly series: readonly RawSeries[] }
  /** Only a part of what there is. */
  | { readonly kind: 'partial'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string };

const LONGEST_QUOTE = 300;

const bucketText = z.tuple([z.number(), z.string(), z.string(), z.string()]);
const nativeText = z.object({ count: z.string(), buckets: z.array(bucketText).optional() });
const seriesText = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.tuple([z.number(), z.string()])).optional(),
  histograms: z.array(z.tuple([z.number(), nativeText])).optional(),
});
const answerText = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({ resultType: z.literal('matrix'), result: z.array(seriesText) }),
    warnings: z.array(z.string()).nullish(),
    /** VictoriaMetrics says so when some of its nodes did not answer. */
    isPartial: z.boolean().nullish(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().prefault('error'), error: z.string() }),
]);

/** Reads what `/api/v1/query` answered to a range selector. Infos are hints at the query and take nothing away. */
export function readAnswer(text: string): Answer {
  const parsed = answerText.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    return { kind: 'unreadable', why: `${quote(text)}${where}` };
  }
  const answer = parsed.data;
  if (answer.status === 'error') {
    return { kind: 'error', why: quote(`${answer.errorType}: ${answer.error}`) };
  }
  const warnings = answer.warnings ?? [];
  if (warnings.length > 0) return { kind: 'partial', why: quote(warnings.join('; ')) };
  if (answer.isPartial === true) return { kind: 'partial', why: 'isPartial' };
  return { kind: 'series', series: answer.data.result.map(seriesOf) };
}

function seriesOf({ metric, values, histograms }: z.output<typeof seriesText>): RawSeries {
  const { __name__: name = '', ...labels } = metric;
  const floats = (values ?? []).map(([at, text]) => ({
    at: epochOf(at),
    value: Number(text),
    buckets: null,
  }));
  const natives = (histograms ?? []).map(([at, native]) => ({
    at: epochOf(at),
    value: Number(native.count),
    buckets: (native.buckets ?? []).map(([, left, right, count]) => ({
      left: boundOf(left),
      right: boundOf(right),
      count: Number(count),
    })),
  }));
  const samples = [...floats, ...natives].sort((one, other) => one.at - other.at);
  return { name, labels: new Map(Object.entries(labels)), samples };
}

function epochOf(seconds: number): EpochMs {
  return Math.round(seconds * 1_000);
}

function boundOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Foreign text on one line, and not too much of it. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line || 'nothing';
}
