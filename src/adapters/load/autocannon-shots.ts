import { latencyCounter } from '../../core/load/latency-histogram.ts';
import type { LoadPoint, LoadRun } from '../../core/load/load-run.ts';
import type { Milliseconds } from '../../core/units.ts';

export interface Cannon {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Requests a second; null for a closed loop. */
  readonly rate: number | null;
  readonly connections: number;
  /** That count, after the warm-up. */
  readonly seconds: number;
  /** In seconds. */
  readonly warmUp: number;
  /** In seconds. */
  readonly timeout: number;
  /** The first HTTP status that is an error. */
  readonly failedFrom: number;
}

export interface Shots {
  readonly run: LoadRun;
  /** With those of the warm-up. */
  readonly answers: number;
  readonly lastError: string | null;
}

const SECOND: Milliseconds = 1_000;
/** Each second of the generator begins with a burst. The edge lies a little before it, so that no burst is cut in two. */
const EDGE: Milliseconds = 50;
/** How often it looks whether it is time to end. */
const LOOK: Milliseconds = 100;
/** Without an answer for so long after errors the target is taken as gone: to go on would only open connections. */
const SILENCE: Milliseconds = 5 * SECOND;
/** The same before the first answer. */
const NEVER_HEARD: Milliseconds = 2 * SECOND;

/**
 * Fires, and counts what comes back by itself: answer by answer, in milliseconds from the writing of the request to the last
 * byte of its answer. Autocannon's own correction for coordinated omission is not used: it fills in a latency for every
 * millisecond of a slow answer, at whatever rate. What was due and never sent is counted instead.
 */
export async function fire(cannon: Cannon, signal: AbortSignal): Promise<Shots> {
  const { default: autocannon } = await import(/* webpackMode: "eager" */ 'autocannon');
  const tally = tallyOf(cannon);
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(optionsOf(cannon), (error) => {
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
    const stop = (): void => run.stop();
    const watch = setInterval(() => {
      if (tally.isSilent()) stop();
    }, LOOK);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    run.on('response', (_client, status, _bytes, took) => tally.answered(status, took));
    run.on('reqError', (error: unknown) => tally.failed(error));
  });
  return tally.end();
}

function optionsOf({ url, method, headers, body, rate, connections, ...cannon }: Cannon) {
  return {
    ...{ url, method, headers, connections },
    ...(body === null ? {} : { body }),
    ...(rate === null ? {} : { overallRate: rate, ignoreCoordinatedOmission: true }),
    duration: cannon.warmUp + cannon.seconds,
    timeout: cannon.timeout,
    sampleInt: LOOK,
  };
}

interface Tally {
  readonly answered: (status: number, took: Milliseconds) => void;
  readonly failed: (error: unknown) => void;
  readonly isSilent: () => boolean;
  readonly end: () => Shots;
}

function tallyOf({ rate, seconds, warmUp, failedFrom, timeout, url }: Cannon): Tally {
  const began = performance.now();
  const bins = Array.from({ length: seconds }, () => ({ requests: 0, failed: 0 }));
  const latencies = latencyCounter();
  const errors = new Map<string, number>();
  let [answers, heard] = [0, began];
  let lastError: string | null = null;
  const count = (kind: string | null): boolean => {
    const bin = bins[Math.floor((performance.now() - began + EDGE) / SECOND) - warmUp];
    if (bin === undefined) return false;
    bin.requests += 1;
    if (kind === null) return true;
    bin.failed += 1;
    errors.set(kind, (errors.get(kind) ?? 0) + 1);
    return true;
  };
  const whole = (): number => {
    const passed = Math.floor((performance.now() - began + EDGE) / SECOND) - warmUp;
    return Math.max(0, Math.min(seconds, passed));
  };
  return {
    answered: (status, took) => {
      answers += 1;
      heard = performance.now();
      if (count(status >= failedFrom ? `HTTP ${status}` : null)) latencies.add(took);
    },
    failed: (error) => {
      lastError = kindOf(error);
      count(lastError);
    },
    isSilent: () => {
      const patience = answers === 0 ? NEVER_HEARD : SILENCE + timeout * SECOND;
      return lastError !== null && performance.now() - heard > patience;
    },
    end: () => {
      const series = bins.slice(0, whole()).map((bin, index): LoadPoint => {
        return { at: index * SECOND, span: SECOND, ...bin, offered: rate };
      });
      const total = (of: 'requests' | 'failed'): number => series.reduce((sum, point) => sum + point[of], 0);
      const requests = total('requests');
      const run: LoadRun = {
        tool: 'autocannon',
        source: `autocannon on ${new URL(url).origin}`,
        startedAt: null,
        duration: series.length * SECOND,
        requests,
        failed: total('failed'),
        errors: Object.fromEntries(errors),
        offeredRate: rate,
        dropped: rate === null ? null : Math.max(0, rate * series.length - requests),
        series,
        latency: { kind: 'histogram', histogram: latencies.histogram() },
        checks: [],
        version: null,
      };
      return { run, answers, lastError };
    },
  };
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  if (error.message === 'request timed out') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
