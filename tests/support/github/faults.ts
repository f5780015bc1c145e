import { z } from 'zod';

const limited = z.literal([403, 429]).optional();

export const faultSchema = z.discriminatedUnion('do', [
  /** Answers with this server error and does nothing. */
  z.strictObject({ do: z.literal('server-error'), status: z.literal([500, 502, 503, 504]) }),
  /** Says no in these words and does nothing: two writers at once may see `Reference cannot be updated`, say. */
  z.strictObject({ do: z.literal('refuse'), status: z.literal([403, 404, 409, 422]), message: z.string() }),
  /** The hour's requests are used up. */
  z.strictObject({ do: z.literal('primary-limit'), status: limited, resetInSeconds: z.number() }),
  /** Too much in too short a time; GitHub may or may not say when to come back. */
  z.strictObject({
    do: z.literal('secondary-limit'),
    status: limited,
    retryAfterSeconds: z.number().optional(),
  }),
  /** Does what was asked at once, answers later. */
  z.strictObject({ do: z.literal('delay'), ms: z.number() }),
  /** Takes the request, does nothing and never answers. */
  z.strictObject({ do: z.literal('hang') }),
  /** Cuts the connection; nothing was done. */
  z.strictObject({ do: z.literal('cut') }),
  /** Does what was asked, then cuts the connection. */
  z.strictObject({ do: z.literal('lose-answer') }),
  /** Answers a read from before the last `writes` writes, at most 100 of them; a write is never stale. */
  z.strictObject({ do: z.literal('stale'), writes: z.int().min(1).max(100) }),
]);

export type Fault = z.infer<typeof faultSchema>;

/** What a rule can look at. */
export interface Asked {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface FaultRule {
  readonly fault: Fault;
  /** One of these operations; left out: any. */
  readonly operations?: readonly string[] | undefined;
  readonly matching?: ((asked: Asked) => boolean) | undefined;
  /** The first of the matching requests that is hit, from 1; left out: 1. */
  readonly nth?: number | undefined;
  /** How many matching requests in a row are hit; left out: 1. */
  readonly times?: number | 'always' | undefined;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  next(asked: Asked): Fault | null;
}

export function newFaults(): Faults {
  let rules: { readonly rule: FaultRule; seen: number }[] = [];
  return {
    add: (rule) => {
      rules.push({ rule, seen: 0 });
    },
    clear: () => {
      rules = [];
    },
    next: (asked) => {
      const hits = rules.filter(({ rule }) => applies(rule, asked));
      for (const hit of hits) hit.seen += 1;
      return hits.find(({ rule, seen }) => isDue(rule, seen))?.rule.fault ?? null;
    },
  };
}

function applies({ operations, matching }: FaultRule, asked: Asked): boolean {
  return (operations?.includes(asked.operationId) ?? true) && (matching?.(asked) ?? true);
}

function isDue({ nth = 1, times = 1 }: FaultRule, seen: number): boolean {
  return seen >= nth && (times === 'always' || seen < nth + times);
}

const writtenRule = z.strictObject({
  fault: faultSchema,
  operations: z.array(z.string()).optional(),
  bodyIncludes: z.string().optional(),
  nth: z.int().min(1).optional(),
  times: z.union([z.int().min(1), z.literal('always')]).optional(),
});

/** A rule that can be sent to another process: `bodyIncludes` is its predicate. */
export type WrittenRule = z.infer<typeof writtenRule>;

export function readRule(written: unknown): FaultRule {
  const { bodyIncludes, ...rule } = writtenRule.parse(written);
  if (bodyIncludes === undefined) return rule;
  return { ...rule, matching: ({ body }) => JSON.stringify(body).includes(bodyIncludes) };
}
