import { z } from 'zod';

/** What came back from one request, whatever it was. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      readonly data: unknown;
    }
  /** Why nothing came back: `late`, a code of the network, or a sentence. */
  | { readonly kind: 'unanswered'; readonly why: string };

export type Headers = Readonly<Record<string, unknown>>;

/** How octokit fails: with an answer when the server said no, without one when nothing came back. */
const failure = z.object({
  status: z.number(),
  response: z.object({ headers: z.record(z.string(), z.unknown()), data: z.unknown() }).optional(),
});

export function replyOf(error: unknown): Reply {
  const parsed = failure.safeParse(error);
  const response = parsed.success ? parsed.data.response : undefined;
  if (parsed.success && response !== undefined)
    return { kind: 'answered', status: parsed.data.status, headers: response.headers, data: response.data };
  return { kind: 'unanswered', why: whyOf(error) };
}

/** A number from a header; null when it is not there or is none. */
export function numberIn(headers: Headers, name: string): number | null {
  const text = headers[name];
  const value = typeof text === 'string' || typeof text === 'number' ? Number(text) : Number.NaN;
  return Number.isFinite(value) && text !== '' ? value : null;
}

const told = z.object({
  message: z.string(),
  errors: z.array(z.union([z.string(), z.looseObject({ message: z.string() })])).optional(),
});

/** What the server says about an error, in one line. */
export function messageIn(data: unknown): string {
  const parsed = told.safeParse(data);
  if (!parsed.success) return typeof data === 'string' && data !== '' ? data.slice(0, 200) : 'no explanation';
  const details = (parsed.data.errors ?? []).map((one) => (typeof one === 'string' ? one : one.message));
  return [parsed.data.message, ...details].join(': ').replaceAll(/\s+/g, ' ').slice(0, 400);
}

function whyOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const one of [cause instanceof Error ? cause.cause : undefined, cause, error])
    if (one instanceof Error) return 'code' in one ? `${String(one.code)}` : one.message;
  return String(error);
}

/** The network said that nobody heard the request. */
export function neverArrived(why: string): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(why);
}
