import { createHash } from 'node:crypto';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Percent } from '../../../core/units.ts';
import type { Shares } from '../../../ports/traffic-router.ts';

const BLOCK = 100;

/**
 * Splits a stream of requests exactly: in every block of 100 requests since the last change, slot b gets its
 * share to the request (fractions are carried over), at random places in the block, so that traffic with a
 * rhythm of its own cannot fall in step with the split. Selection sampling: Knuth, TAOCP 2, 3.4.2, algorithm S.
 */
export function createSplit(random: () => number): (shares: Shares) => Slot {
  let share: Percent | null = null;
  let left = 0;
  let due = 0;
  let carry = 0;
  return (shares) => {
    if (shares.b === 0 || shares.a === 100) return 'a';
    if (shares.a === 0 || shares.b === 100) return 'b';
    if (share !== shares.b) {
      share = shares.b;
      left = 0;
      carry = random();
    }
    if (left === 0) {
      const exact = (shares.b * BLOCK) / 100 + carry;
      left = BLOCK;
      due = Math.min(BLOCK, Math.floor(exact));
      carry = exact - due;
    }
    const chosen = random() * left < due;
    left -= 1;
    if (!chosen) return 'a';
    due -= 1;
    return 'b';
  };
}

/** A client's place in [0, 100): the same for the same id, in every process. */
export function placeOf(id: string): Percent {
  return (createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32) * 100;
}

/** Whatever the roles are, a slot that gains share only gains clients, and one that loses only loses some. */
export function slotAt(place: Percent, shares: Shares): Slot {
  return place < shares.b ? 'b' : 'a';
}
