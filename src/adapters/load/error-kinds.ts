import { excerpt } from './report-problem.ts';

/** Messages that name an id or a port would make as many kinds as there are errors. */
const MOST_KINDS = 50;
const THE_REST = 'other errors';

/** Counts errors by kind, a bounded number of them. */
export interface ErrorKinds {
  readonly add: (kind: string, times?: number) => void;
  readonly counts: () => Readonly<Record<string, number>>;
}

export function errorKinds(): ErrorKinds {
  const counts = new Map<string, number>();
  return {
    add: (kind, times = 1) => {
      if (!(times > 0)) return;
      const told = excerpt(kind) || 'unnamed error';
      const under = counts.has(told) || counts.size < MOST_KINDS ? told : THE_REST;
      counts.set(under, (counts.get(under) ?? 0) + times);
    },
    counts: () => Object.fromEntries(counts),
  };
}

/** Of an HTTP status, or of what the tool says where there was no answer. */
export function kindOf(status: number, message: string): string {
  return status > 0 ? `HTTP ${status}` : message;
}
