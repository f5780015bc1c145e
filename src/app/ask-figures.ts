import type { LoadFigures } from '../core/load/figures.ts';
import type { Fold, NormalTraffic, ResourceReading } from '../core/load/load-test.ts';
import { normalTraffic, resourceReading } from '../core/load/read-figures.ts';
import type { EpochMs, Milliseconds } from '../core/units.ts';
import { AdapterError, messageOf } from '../ports/adapter-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { FigureSource } from '../ports/figure-source.ts';

export type AskedNormal =
  /** Requests a second. */
  | { readonly kind: 'number'; readonly rate: number }
  | { readonly kind: 'query'; readonly expression: string; readonly over: Milliseconds; readonly fold: Fold };

export interface AskedResource {
  readonly name: string;
  readonly expression: string;
  readonly fold: Fold;
  /** Which end of the values is the bad one. */
  readonly worst: 'high' | 'low';
}

const LEAST_STEP: Milliseconds = 100;
const MINUTE: Milliseconds = 60_000;
/** Values that are asked for in one span; a server answers at most 11,000. */
const MOST_VALUES = 2_000;

export async function askNormal(
  asked: AskedNormal,
  { source, now }: { readonly source: FigureSource | null; readonly now: EpochMs },
  signal: AbortSignal,
): Promise<NormalTraffic> {
  if (asked.kind === 'number') return { kind: 'known', rate: asked.rate, source: 'as configured' };
  if (source === null) return { kind: 'error', why: 'no metrics provider is configured to ask' };
  const { expression, over, fold } = asked;
  const step = Math.max(LEAST_STEP, over / MOST_VALUES, Math.min(MINUTE, over / 10));
  try {
    const question = { expression, from: now - over, to: now, step };
    return normalTraffic(fold, { series: await source.read(question, signal), window: over, step });
  } catch (error) {
    return { kind: 'error', why: said(error) };
  }
}

interface Window {
  readonly source: FigureSource | null;
  readonly clock: Clock;
  readonly figures: LoadFigures;
}

/** Over the hold, or over the whole test where the load was not held. */
export async function askResources(
  asked: readonly AskedResource[],
  { source, clock, figures: { load, hold } }: Window,
  signal: AbortSignal,
): Promise<readonly ResourceReading[]> {
  if (asked.length === 0) return [];
  const none = (why: string): ResourceReading[] => asked.map(({ name }) => ({ name, kind: 'no-data', why }));
  if (source === null) return none('no metrics provider is configured to ask');
  if (load.startedAt === null) return none('no report says when the load was');
  const from = load.startedAt + (hold?.at ?? 0);
  const to = from + (hold?.span ?? load.duration);
  const wait = to + source.lag + source.interval - clock.now();
  if (wait > 0) await clock.sleep(wait, signal);
  return Promise.all(asked.map((one) => askResource(one, source, { from, to }, signal)));
}

async function askResource(
  { name, expression, fold, worst }: AskedResource,
  source: FigureSource,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
  signal: AbortSignal,
): Promise<ResourceReading> {
  const window = to - from;
  const step = Math.max(LEAST_STEP, window / MOST_VALUES, Math.min(source.interval, window / 10));
  try {
    const series = await source.read({ expression, from, to, step }, signal);
    return resourceReading(name, fold, worst, { series, window, step });
  } catch (error) {
    return { name, kind: 'error', why: said(error) };
  }
}

function said(error: unknown): string {
  return error instanceof AdapterError ? error.message.replace(`${error.provider}: `, '') : messageOf(error);
}
