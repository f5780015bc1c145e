import type { Milliseconds } from '../../../core/units.ts';
import { messageOf } from '../../../ports/adapter-error.ts';
import type { Shares, Shift } from '../../../ports/traffic-router.ts';
import type { Report } from './options.ts';
import type { StateFile } from './state-file.ts';
import {
  afterLapse,
  bringsHome,
  type Decision,
  decideRenewal,
  decideShift,
  lapse,
  type TrafficState,
} from './traffic-state.ts';
import type { WireReading } from './wire.ts';

/** Holds the weights: obeys the rules of traffic-state, watches the lease, and keeps the state on the disk. */
export interface TrafficControl {
  /** What holds for the next request. A lease that has run out is noticed here, whatever the timer does. */
  shares(): Shares;
  read(): WireReading;
  /** Rejects when the shift could not be written down; nothing has changed then. */
  shift(shift: Shift): Promise<Decision>;
  renew(holder: string, ttl: Milliseconds): Decision;
  /** Stops watching the lease. */
  close(): void;
}

export interface ControlOptions {
  readonly file: StateFile;
  readonly initialShares: Shares;
  readonly onLapse: () => void;
  readonly report: Report;
}

/** Begins with what was kept; a lease that was held when the router stopped has run out. */
export async function createTrafficControl(options: ControlOptions): Promise<TrafficControl> {
  const stored = await options.file.load();
  const start: TrafficState = {
    shares: stored?.shares ?? options.initialShares,
    lease: null,
    lapsed: stored?.lapsed ?? null,
    token: stored?.token ?? 0,
  };
  if (stored === null || stored.lease === null) return control(options, start);
  const home = lapse(start, stored.lease);
  tellLapse(options, home, 'the router was restarted');
  await saveQuietly(options, home);
  return control(options, home);
}

function control(options: ControlOptions, start: TrafficState): TrafficControl {
  let current = start;
  let timer: NodeJS.Timeout | undefined;

  function become(next: TrafficState): void {
    current = next;
    clearTimeout(timer);
    if (next.lease === null) return;
    timer = setTimeout(
      () => become(fresh()),
      Math.max(1, Math.ceil(next.lease.deadline - performance.now())),
    );
  }

  function fresh(): TrafficState {
    const next = afterLapse(current, performance.now());
    if (next === current) return current;
    become(next);
    tellLapse(options, next, 'nobody renewed it');
    void saveQuietly(options, next);
    return next;
  }

  /** Written before it holds; begun again when a lapse or a shift home came in between. */
  async function shiftDurably(shift: Shift): Promise<Decision> {
    for (let written = false; ; written = true) {
      const seen = fresh();
      const decision = decideShift(seen, shift, performance.now());
      if (decision.kind === 'fenced') {
        if (written) await saveQuietly(options, seen);
        return decision;
      }
      await options.file.save(decision.state);
      if (fresh() !== seen) continue;
      become(decision.state);
      return decision;
    }
  }

  return {
    shares: () => (current.lease === null ? current : fresh()).shares,
    read: () => readingOf(fresh()),
    async shift(shift) {
      const seen = fresh();
      if (!bringsHome(seen, shift)) return shiftDurably(shift);
      const decision = decideShift(seen, shift, performance.now());
      if (decision.kind === 'fenced') return decision;
      become(decision.state);
      await saveQuietly(options, decision.state);
      return decision;
    },
    renew(holder, ttl) {
      const decision = decideRenewal(fresh(), holder, ttl, performance.now());
      if (decision.kind === 'accepted') become(decision.state);
      return decision;
    },
    close: () => clearTimeout(timer),
  };
}

function readingOf({ shares, lease, lapsed, token }: TrafficState): WireReading {
  const held =
    lease === null
      ? null
      : {
          holder: lease.holder,
          fallback: lease.fallback,
          expiresAt: Math.round(Date.now() + lease.deadline - performance.now()),
        };
  return { shares, lease: held, lapsed, token };
}

function tellLapse(options: ControlOptions, state: TrafficState, why: string): void {
  const home = state.shares.a === 100 ? 'a' : 'b';
  options.onLapse();
  options.report({
    level: 'warning',
    message: `the lease of "${state.lapsed}" ran out because ${why}: all traffic is on slot ${home}`,
  });
}

/** Traffic never waits for the disk on its way home: after a crash the older state has a lease, and ends home too. */
async function saveQuietly(options: ControlOptions, state: TrafficState): Promise<void> {
  try {
    await options.file.save(state);
  } catch (error) {
    options.report({
      level: 'warning',
      message: `the traffic state could not be written: ${messageOf(error)}. Make room or mend the folder`,
    });
  }
}
