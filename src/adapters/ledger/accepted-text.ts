import { z } from 'zod';
import type { AcceptedRun } from '../../core/load/load-test.ts';
import type { KeptRun } from '../../ports/accepted-runs.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';

const finite = z.number().nonnegative();
const entry = z.strictObject({
  schemaVersion: z.literal(1),
  /** Whose run it is: a file that was put into another place is not believed. */
  key: z.string(),
  revision: z.int().min(1),
  run: z.strictObject({
    at: finite,
    version: z.string(),
    sha: z.string(),
    required: finite,
    rate: finite,
    errorRate: finite,
    requests: finite,
    quantiles: z.array(z.strictObject({ quantile: finite, ms: finite })),
  }),
});

/** Which run of which test: service, environment and name of the test. */
export interface AcceptedKey {
  readonly service: string;
  readonly environment: string;
  readonly test: string;
}

const textOf = ({ service, environment, test }: AcceptedKey): string => `${service} ${environment} ${test}`;

export function writeAccepted(key: AcceptedKey, revision: number, run: AcceptedRun): string {
  return `${JSON.stringify({ schemaVersion: 1, key: textOf(key), revision, run })}\n`;
}

/** Throws an AdapterError for anything that is not wholly an entry of this key. */
export function readAccepted(provider: string, text: string, place: string, key: AcceptedKey): KeptRun {
  const parsed = entry.safeParse(parseJson(provider, text, place));
  if (!parsed.success) {
    throw broken(provider, place, z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' '));
  }
  if (parsed.data.key !== textOf(key)) throw broken(provider, place, `a run of ${parsed.data.key}`);
  return { revision: parsed.data.revision, run: parsed.data.run };
}

function parseJson(provider: string, text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken(provider, place, messageOf(error));
  }
}

function broken(provider: string, place: string, why: string): AdapterError {
  const message = `expected an accepted run in ${place}, saw something else: ${why}; remove it, and the next green run is the first again`;
  return new AdapterError(provider, 'invalid-answer', message, { retryable: false });
}
