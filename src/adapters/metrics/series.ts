/** One series with its value at some moment. `value` may be NaN or infinite. */
export interface Series {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Names a series, whatever the order of its labels; an empty label is a missing one. */
export function seriesKey(name: string, labels: ReadonlyMap<string, string>, without?: string): string {
  const pairs = [...labels].filter(([label, value]) => label !== without && value !== '');
  pairs.sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}
