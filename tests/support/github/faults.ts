export type Fault =
  /** Answers with this server error and does nothing. */
  | { readonly do: 'server-error'; readonly status: 500 | 502 | 503 | 504 }
  /** The hour's requests are used up. */
  | { readonly do: 'primary-limit'; readonly status?: 403 | 429; readonly resetInSeconds: number }
  /** Too much in too short a time; GitHub may or may not say when to come back. */
  | { readonly do: 'secondary-limit'; readonly status?: 403 | 429; readonly retryAfterSeconds?: number }
  | { readonly do: 'delay'; readonly ms: number }
  /** Takes the request and never answers. */
  | { readonly do: 'hang' }
  /** Cuts the connection; nothing was done. */
  | { readonly do: 'cut' }
  /** Does what was asked, then cuts the connection. */
  | { readonly do: 'lose-answer' }
  /** Answers a read from before the last `writes` writes. */
  | { readonly do: 'stale'; readonly writes: number };

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
  readonly operations?: readonly string[];
  readonly matching?: (asked: Asked) => boolean;
  /** The first of the matching requests that is hit, from 1; left out: 1. */
  readonly nth?: number;
  /** How many matching requests in a row are hit; left out: 1. */
  readonly times?: number;
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
  return seen >= nth && seen < nth + times;
}
