import type { EpochMs, Milliseconds } from '../../core/units.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { requestTally } from './request-tally.ts';

/** One sample of JMeter, from either form of its log. */
export interface JtlSample {
  readonly at: EpochMs;
  /** `elapsed`: until the whole answer had come, not `Latency`, which ends at its first byte. */
  readonly took: Milliseconds;
  readonly thread: string;
  readonly success: boolean;
  readonly code: string;
  readonly message: string;
}

/** Counts requests once: not again as part of the transaction that holds them. */
export interface JtlSamples {
  readonly add: (sample: JtlSample, line: number) => ReportProblem | null;
  readonly run: (source: string, lastLine: number) => RunOrProblem;
}

const TRANSACTION = /^Number of samples in transaction : (\d+), number of failing samples : \d+$/;
/** Of each thread, to find a transaction's requests among. */
const REMEMBERED = 1_000;

interface Thread {
  /** When its latest requests were sent. */
  readonly starts: number[];
  /** Requests of a transaction that was told before them. */
  owed: { readonly from: number; readonly to: number; readonly line: number; count: number } | null;
}

export function jtlSamples(): JtlSamples {
  const tally = requestTally();
  const threads = new Map<string, Thread>();
  const threadOf = (name: string): Thread => {
    const thread = threads.get(name) ?? { starts: [], owed: null };
    threads.set(name, thread);
    return thread;
  };
  return {
    add: (sample, line) => {
      const thread = threadOf(sample.thread);
      const inside = TRANSACTION.exec(sample.message)?.[1];
      if (inside !== undefined) return transaction(thread, sample, Number(inside), line);
      const wrong = tally.add({ at: sample.at, took: sample.took, error: errorOf(sample) });
      return wrong === null
        ? pay(thread, sample.at)
        : problemAt(line, wrong, `${sample.at}, ${sample.took} ms`);
    },
    run: (source, lastLine) => {
      for (const { owed } of threads.values()) if (owed !== null) return hidden(owed);
      if (tally.requests() === 0) return problemAt(lastLine, 'at least one sample', 'none');
      return tally.run('jmeter', source);
    },
  };
}

/** Its requests stand before it, or after it where it is their parent; else the log hides them. */
function transaction(
  thread: Thread,
  { at, took }: JtlSample,
  inside: number,
  line: number,
): ReportProblem | null {
  if (thread.owed !== null) return hidden(thread.owed);
  const told = thread.starts.filter((start) => start >= at).length;
  const count = Math.min(inside, REMEMBERED) - told;
  if (count > 0) thread.owed = { from: at, to: at + took, line, count };
  return null;
}

function pay(thread: Thread, at: EpochMs): ReportProblem | null {
  thread.starts.push(at);
  if (thread.starts.length > 2 * REMEMBERED) thread.starts.splice(0, REMEMBERED);
  const { owed } = thread;
  if (owed === null) return null;
  if (at < owed.from || at > owed.to) return hidden(owed);
  owed.count -= 1;
  if (owed.count === 0) thread.owed = null;
  return null;
}

function hidden({ line, count }: { readonly line: number; readonly count: number }): ReportProblem {
  const expected =
    'the requests of this transaction: set jmeter.save.saveservice.subresults=true, or turn off "Generate parent sample"';
  return problemAt(line, expected, `${count} of them are missing`);
}

function errorOf({ success, code, message }: JtlSample): string | null {
  if (success) return null;
  if (/^[1-3]\d\d$/.test(code)) return 'assertion failed';
  if (/^\d{3}$/.test(code)) return `HTTP ${code}`;
  return code.replace(/^Non HTTP response code: /, '') || message || 'no answer';
}
