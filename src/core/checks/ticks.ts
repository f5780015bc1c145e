import type { EpochMs } from '../units.ts';
import type { BodyEdit, BodyHistory } from './forge-facts.ts';
import { type TaskItem, taskItems } from './task-list.ts';

/** Who made an item as it stands now, and when. */
export interface Tick {
  readonly by: string;
  readonly at: EpochMs;
  /** A ticked item got other words, and kept its tick: nobody has ticked what it says now. */
  readonly reworded: boolean;
}

/** Of each of these ticked items, the edit since which it has been so. Null when the history cannot tell. */
export function ticksOf(history: BodyHistory, items: readonly TaskItem[]): readonly Tick[] | null {
  const newest = history.edits.at(-1);
  // A body that its own history does not end in was changed meanwhile, or the history has a hole.
  if (newest === undefined || newest.body === null || !isSame(newest.body, history.body)) return null;
  const ticks: Tick[] = [];
  for (const text of new Set(items.map((item) => item.text))) {
    const tick = tickOf(history, text);
    if (tick === null) return null;
    ticks.push(tick);
  }
  return ticks;
}

/** GitHub may keep other line ends in one place than in the other. */
function isSame(one: string, other: string): boolean {
  return one.replaceAll(/\s+/g, ' ').trim() === other.replaceAll(/\s+/g, ' ').trim();
}

function tickOf({ edits, isWhole }: BodyHistory, text: string): Tick | null {
  let since = edits.length - 1;
  while (since > 0 && isTicked(edits[since - 1], text)) since -= 1;
  const edit = edits[since];
  const before = edits[since - 1];
  if (edit === undefined) return null;
  // What stood there before is not known: it may have been ticked already.
  if (before === undefined ? !isWhole : before.body === null) return null;
  return { by: edit.by, at: edit.at, reworded: before !== undefined && isReworded(before, edit, text) };
}

/** All the items with these words are ticked, and there is one. */
function isTicked(edit: BodyEdit | undefined, text: string): boolean {
  const items = itemsIn(edit).filter((item) => item.text === text);
  return items.length > 0 && items.every(({ ticked }) => ticked);
}

/** The item is new, and another one that was ticked has gone: it is the same with other words. */
function isReworded(before: BodyEdit, after: BodyEdit, text: string): boolean {
  const was = itemsIn(before);
  if (was.some((item) => item.text === text)) return false;
  const still = new Set(itemsIn(after).map((item) => item.text));
  return was.some((item) => item.ticked && !still.has(item.text));
}

function itemsIn(edit: BodyEdit | undefined): readonly TaskItem[] {
  return edit?.body === undefined || edit.body === null ? [] : taskItems(edit.body);
}
