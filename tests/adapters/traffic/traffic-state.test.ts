import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterLapse,
  decideRenewal,
  decideShift,
  type TrafficState,
} from '../../../src/adapters/traffic/embedded/traffic-state.ts';
import { otherSlot, type Slot } from '../../../src/core/rollout/record.ts';
import type { Shift } from '../../../src/ports/traffic-router.ts';

const slot = fc.constantFrom<Slot>('a', 'b');
const shares = fc.integer({ min: 0, max: 100 }).map((b) => ({ a: 100 - b, b }));
const lease = fc.record({
  holder: fc.constantFrom('one', 'two'),
  ttl: fc.integer({ min: 1, max: 1_000 }),
  fallback: slot,
});
const held = fc
  .tuple(lease, fc.integer({ min: 1, max: 2_000 }))
  .map(([one, deadline]) => ({ ...one, deadline }));
const token = fc.integer({ min: 0, max: 5 });
const states: fc.Arbitrary<TrafficState> = fc.record({
  shares,
  lease: fc.option(held),
  lapsed: fc.option(fc.constantFrom('one', 'two')),
  token,
});
const shifts: fc.Arbitrary<Shift> = fc.record({ shares, lease: fc.option(lease), token });

describe('the rules of the embedded router', () => {
  it('never let a stale owner take traffic from a held fallback, or move anything without one', () => {
    fc.assert(
      fc.property(states, shifts, (state, shift) => {
        fc.pre(shift.token < state.token);
        const decision = decideShift(state, shift, 0);
        if (decision.kind === 'fenced') return;
        const fallback = state.lease?.fallback;
        if (fallback === undefined) throw new Error('a stale shift was taken although no lease is held');
        expect(decision.state.shares[fallback]).toBeGreaterThanOrEqual(state.shares[fallback]);
      }),
    );
  });

  it('never let a stale owner take the lease over, or leave a canary with traffic and without a lease', () => {
    fc.assert(
      fc.property(states, shifts, (state, shift) => {
        fc.pre(shift.token < state.token);
        const decision = decideShift(state, shift, 0);
        if (decision.kind === 'fenced' || state.lease === null) return;
        if (decision.state.lease === null) {
          expect(decision.state.shares[otherSlot(state.lease.fallback)]).toBe(0);
        } else {
          expect(decision.state.lease).toEqual(state.lease);
        }
      }),
    );
  });

  it('always let the newest owner do as it says, and never forget the largest token', () => {
    fc.assert(
      fc.property(states, shifts, (state, shift) => {
        const decision = decideShift(state, shift, 500);
        if (shift.token >= state.token) expect(decision.kind).toBe('accepted');
        if (decision.kind === 'fenced') return;
        expect(decision.state.token).toBe(Math.max(state.token, shift.token));
        expect(decision.state).toMatchObject({ shares: shift.shares, lapsed: null });
        if (shift.token < state.token) return;
        expect(decision.state.lease).toEqual(
          shift.lease === null ? null : { ...shift.lease, deadline: 500 + shift.lease.ttl },
        );
      }),
    );
  });

  it('never refuse a shift that brings all traffic to the fallback of a held lease', () => {
    fc.assert(
      fc.property(states, shifts, (state, shift) => {
        fc.pre(state.lease !== null);
        const home = state.lease?.fallback === 'a' ? { a: 100, b: 0 } : { a: 0, b: 100 };
        expect(decideShift(state, { ...shift, shares: home }, 0).kind).toBe('accepted');
      }),
    );
  });

  it('send everything to the fallback from the very millisecond at which the lease runs out', () => {
    fc.assert(
      fc.property(states, (state) => {
        fc.pre(state.lease !== null);
        if (state.lease === null) return;
        const { deadline, fallback, holder } = state.lease;
        expect(afterLapse(state, deadline - 1)).toBe(state);
        const after = afterLapse(state, deadline);
        expect(after).toMatchObject({ lease: null, lapsed: holder, token: state.token });
        expect(after.shares[fallback]).toBe(100);
        expect(decideRenewal(after, holder, 1_000, deadline).kind).toBe('fenced');
      }),
    );
  });

  it('let the holder renew, and nobody else', () => {
    fc.assert(
      fc.property(states, fc.constantFrom('one', 'two'), (state, holder) => {
        const decision = decideRenewal(state, holder, 700, 100);
        expect(decision.kind).toBe(state.lease?.holder === holder ? 'accepted' : 'fenced');
        if (decision.kind === 'accepted') expect(decision.state.lease?.deadline).toBe(800);
      }),
    );
  });
});
