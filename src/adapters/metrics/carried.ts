import type { ArmKey } from './arms.ts';
import type { Tally } from './tally.ts';
import { addTallies } from './tally.ts';

/** Increments that were seen and not reported yet, by arm and query. */
export interface Carried {
  /** Adds a tick's increments and answers all there are; null when there are none, or they no longer fit together. */
  add(arm: ArmKey, id: string, tally: Tally | null): Tally | null;
  drop(arm: ArmKey, id: string): void;
  /** Drops everything of the arms that are no longer watched. */
  keepOnly(arms: readonly ArmKey[]): void;
}

export function carriedIncrements(): Carried {
  const byArm = new Map<ArmKey, Map<string, Tally>>();
  const tallies = (arm: ArmKey): Map<string, Tally> => {
    const known = byArm.get(arm) ?? new Map<string, Tally>();
    byArm.set(arm, known);
    return known;
  };
  return {
    add(arm, id, tally) {
      const sum = addTallies(tallies(arm).get(id) ?? null, tally);
      if (sum === null) tallies(arm).delete(id);
      else tallies(arm).set(id, sum);
      return sum;
    },
    drop: (arm, id) => void tallies(arm).delete(id),
    keepOnly(arms) {
      for (const arm of byArm.keys()) if (!arms.includes(arm)) byArm.delete(arm);
    },
  };
}
