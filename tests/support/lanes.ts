/** Lets so many go at a time, in the order in which they come: more processes at once would only wait for each other. */
export function lanes(count: number): <T>(act: () => Promise<T>) => Promise<T> {
  const ends: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve());
  let next = 0;
  return (act) => {
    const lane = next++ % count;
    const played = (ends[lane] ?? Promise.resolve()).then(act);
    ends[lane] = played.catch(() => undefined);
    return played;
  };
}
