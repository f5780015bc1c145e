import type { Milliseconds } from '../../units.ts';

/**
 * What one minute may prove. A single client that retries for a minute looks like a regression for that minute;
 * a regression goes on. So the gains of a trailing minute are bounded, and the bound rises with what earlier minutes
 * showed and with evidence too strong for a clump. Lowering a gain keeps the process an e-process. Plain JSON.
 */
export interface Corroboration {
  /** Untempered evidence per slot of the trailing minute and alternative. */
  readonly raw: readonly (readonly number[])[];
  /** What was won in these slots. */
  readonly won: readonly (readonly number[])[];
  /** Age at which the newest slot began. */
  readonly slotAt: Milliseconds;
  /** Fading evidence of the time before, per alternative. */
  readonly older: readonly number[];
}

const MINUTE: Milliseconds = 60_000;
const SLOT: Milliseconds = 10_000;
const FADE: Milliseconds = 240_000;
/** Nats that one minute may add on its own. */
const ALONE = 2.4;
/** Share of the older evidence that it may add on top. */
const BACKING = 0.8;

export function noCorroboration(alternatives: number): Corroboration {
  return { raw: [], won: [], slotAt: 0, older: new Array<number>(alternatives).fill(0) };
}

/** Moves the minute on to the tick that begins at `age`. */
export function openSlot(state: Corroboration, age: Milliseconds, tick: Milliseconds): Corroboration {
  const fade = Math.exp(-tick / FADE);
  const span = Math.max(SLOT, tick);
  const older = state.older.map((had) => rounded(had * fade));
  if (state.raw.length > 0 && age - state.slotAt < span - tick / 2) return { ...state, older };
  const empty = older.map(() => 0);
  const slots = Math.max(1, Math.round(MINUTE / span));
  const leaving = state.raw.length >= slots ? state.raw[0] : undefined;
  return {
    raw: [...state.raw.slice(leaving ? 1 : 0), empty],
    won: [...state.won.slice(leaving ? 1 : 0), empty],
    slotAt: age,
    older: leaving ? older.map((had, index) => Math.max(0, had + (leaving[index] ?? 0))) : older,
  };
}

/** Adds the tick's untempered evidence, per alternative. */
export function addRaw(state: Corroboration, raw: readonly number[]): Corroboration {
  return { ...state, raw: addToLast(state.raw, raw) };
}

/** Adds what the tick won, per alternative. Losses do not count. */
export function addWon(state: Corroboration, gains: readonly number[]): Corroboration {
  return {
    ...state,
    won: addToLast(
      state.won,
      gains.map((gain) => Math.max(0, gain)),
    ),
  };
}

/**
 * Nats that this tick may still win for each alternative. `suspicion` divides the minute's own evidence. With `dense`
 * events a clump is small against the tick's count, and quiet ticks just before do not weaken the loud ones.
 */
export function room(state: Corroboration, suspicion: number, dense: boolean): number[] {
  return state.older.map((older, index) => {
    const minute = sumOf(state.raw, index, dense ? 0 : Number.NEGATIVE_INFINITY);
    const allowed = ALONE + BACKING * Math.max(0, older) + Math.max(0, minute) / suspicion;
    return Math.max(0, allowed - sumOf(state.won, index, 0));
  });
}

function addToLast(
  slots: readonly (readonly number[])[],
  values: readonly number[],
): readonly (readonly number[])[] {
  const last = slots[slots.length - 1];
  if (last === undefined) return slots;
  return [...slots.slice(0, -1), last.map((had, index) => rounded(had + (values[index] ?? 0)))];
}

/** To a millionth of a nat: the state stays short, and a bound on gains needs no more. */
function rounded(nats: number): number {
  return Math.round(nats * 1e6) / 1e6 + 0;
}

function sumOf(slots: readonly (readonly number[])[], index: number, least: number): number {
  let sum = 0;
  for (const slot of slots) sum += Math.max(least, slot[index] ?? 0);
  return sum;
}
