import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { RecordedTruth, Recording } from '../../core/replay/recording.ts';
import { AdapterError } from '../../ports/adapter-error.ts';

const counts = z.array(z.number().nonnegative());
const arm = z.object({ requests: counts, errors: counts, latency: z.array(counts) });
const known = z.object({
  scenario: z.string(),
  family: z.string(),
  truth: z.enum(['benign', 'regression', 'ambiguous']),
  rps: z.number().positive(),
  onsetTick: z.number().int().nonnegative(),
  expectedExcessBad: counts,
}) satisfies z.ZodType<RecordedTruth>;

const line = z
  .object({
    id: z.string().min(1),
    tickSeconds: z.number().positive(),
    steps: z
      .array(z.object({ weight: z.number().min(0).max(100), ticks: z.number().int().positive() }))
      .min(1),
    latencyBoundsMs: z.array(z.number()).min(1),
    canary: arm,
    stable: arm,
  })
  .superRefine((rollout, context) => {
    const ticks = rollout.steps.reduce((sum, step) => sum + step.ticks, 0);
    for (const name of ['canary', 'stable'] as const) {
      const { requests, errors, latency } = rollout[name];
      const lengths = [requests, errors, ...latency].map((series) => series.length);
      const buckets = rollout.latencyBoundsMs.length + 1;
      if (lengths.some((length) => length !== ticks) || latency.length !== buckets) {
        const message = `every series must have the ${ticks} ticks of the steps, and latency ${buckets} buckets`;
        context.addIssue({ code: 'custom', path: [name], message });
      }
    }
  });

/**
 * Reads recorded rollouts, one JSON object a line, from a file that may be gzipped. Fails with an AdapterError
 * that names the line which is none.
 */
export async function* readRecordings(path: string): AsyncGenerator<Recording> {
  let number = 0;
  try {
    for await (const text of linesOf(path)) {
      number += 1;
      if (text.trim() !== '') yield recordingOf(text, number);
    }
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AdapterError('recording', 'io', `${path} could not be read after line ${number}: ${why}`, {
      retryable: false,
      cause: error,
    });
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const bytes = createReadStream(path);
  // The error of any part ends the whole, and comes out where the lines are read.
  const input = path.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const each = lines[Symbol.asyncIterator]();
  while (true) {
    const next = await Promise.race([each.next(), failed]);
    if (next.done === true) return;
    yield next.value;
  }
}

function recordingOf(text: string, number: number): Recording {
  const json = jsonOf(text);
  const parsed = line.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    const message = `expected a recorded rollout in line ${number}, saw something else${where}: ${issue?.message ?? ''}`;
    throw new AdapterError('recording', 'invalid-answer', message, { retryable: false });
  }
  const { id, tickSeconds, steps, latencyBoundsMs, canary, stable } = parsed.data;
  const recording = { id, tick: tickSeconds * 1_000, steps, bounds: latencyBoundsMs, canary, stable };
  // Who records real rollouts knows no truth: without all of it there is none.
  const truth = known.safeParse(json);
  return truth.success ? { ...recording, truth: truth.data } : recording;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
