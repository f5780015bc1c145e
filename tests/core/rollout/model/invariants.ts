import { ENTRY_RULES } from './entry-rules.ts';
import { blankMemory, type Memory, remember } from './past.ts';
import type { Complaint, InvariantName, Rule } from './rule.ts';
import { SHIFT_RULES } from './shift-rules.ts';
import type { Occurrence, World } from './world.ts';

export class Violation extends Error {
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, what: string, world: World) {
    super(`${invariant}: ${what}\n${story(world)}`);
    this.invariant = invariant;
  }
}

/** The last things that happened. */
export function story(world: World): string {
  return world.trace
    .slice(-40)
    .map((told) => told())
    .join('\n');
}

/** Watches a world and reports a Violation at the very step at which an invariant breaks. */
export function guard(world: World, report: (violation: Violation) => void = raise): void {
  const memory = blankMemory(world.capabilities);
  world.watch((seen) => {
    const complaint = judge(seen, memory, world.truth());
    if (complaint !== null) report(new Violation(...complaint, world));
    remember(seen, memory);
  });
}

function raise(violation: Violation): never {
  throw violation;
}

function judge(seen: Occurrence, memory: Memory, truth: Parameters<Rule<'read'>>[2]): Complaint | null {
  if (seen.type === 'shifted') return firstOf(SHIFT_RULES, seen, memory, truth);
  if (seen.type === 'appended') return firstOf(ENTRY_RULES, seen, memory, truth);
  return null;
}

function firstOf<T extends Occurrence['type']>(
  rules: readonly Rule<T>[],
  seen: Extract<Occurrence, { type: T }>,
  memory: Memory,
  truth: Parameters<Rule<T>>[2],
): Complaint | null {
  for (const rule of rules) {
    const complaint = rule(seen, memory, truth);
    if (complaint !== null) return complaint;
  }
  return null;
}
