/**
 * Moves labels apart until each has `gap` pixels to the next, as little as needed, inside `top` to `bottom`.
 * Answers in the order given.
 */
export function spread(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((one, other) => one.y - other.y);
  const placed: number[] = [];
  for (const { y } of order) placed.push(Math.max(y, top, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  let floor = bottom;
  for (let at = placed.length - 1; at >= 0; at -= 1) {
    placed[at] = Math.min(placed[at] ?? floor, floor);
    floor = (placed[at] ?? floor) - gap;
  }
  const answer: number[] = wanted.map(() => top);
  for (const [rank, { index }] of order.entries()) answer[index] = placed[rank] ?? top;
  return answer;
}

export interface Cluster {
  readonly x: number;
  /** Numbers of the first and of the last of what stands here. */
  readonly first: number;
  readonly last: number;
}

/** Things numbered in a row, at places of their own where there is room, and together where there is not. */
export function clusters(places: readonly number[], room: number): Cluster[] {
  const found: { sum: number; count: number; first: number; last: number; end: number }[] = [];
  for (const [index, x] of places.entries()) {
    const current = found.at(-1);
    if (current !== undefined && x - current.end < room) {
      current.sum += x;
      current.count += 1;
      current.last = index + 1;
      current.end = x;
    } else {
      found.push({ sum: x, count: 1, first: index + 1, last: index + 1, end: x });
    }
  }
  return found.map(({ sum, count, first, last }) => ({ x: sum / count, first, last }));
}
