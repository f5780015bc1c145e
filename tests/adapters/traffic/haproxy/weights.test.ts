import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightsFor } from '../../../../src/adapters/traffic/haproxy/weights.ts';
import { haproxyRouterSchema } from '../../../../src/adapters/traffic/haproxy-router.ts';

const counts = fc.record({ a: fc.integer({ min: 1, max: 20 }), b: fc.integer({ min: 1, max: 20 }) });

function shareOf(shares: { a: number; b: number }, servers: { a: number; b: number }): number {
  const weights = weightsFor(shares, servers);
  const [a, b] = [weights.a * servers.a, weights.b * servers.b];
  return (100 * b) / (a + b);
}

describe('the weights of servers', () => {
  it('are the per cents themselves when each slot has one server', () => {
    expect(weightsFor({ a: 90, b: 10 }, { a: 1, b: 1 })).toEqual({ a: 90, b: 10 });
    expect(weightsFor({ a: 0, b: 100 }, { a: 1, b: 1 })).toEqual({ a: 0, b: 100 });
  });

  it('even out slots of unequal size', () => {
    expect(weightsFor({ a: 90, b: 10 }, { a: 3, b: 1 })).toEqual({ a: 90, b: 30 });
  });

  it('meet whole per cents within a third of a point, for any number of servers up to three', () => {
    const few = fc.record({ a: fc.integer({ min: 1, max: 3 }), b: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), few, (b, servers) => {
        expect(Math.abs(shareOf({ a: 100 - b, b }, servers) - b)).toBeLessThan(0.34);
      }),
    );
  });

  it('lie between 0 and 256, are 0 for no share and never for some', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), counts, (b, servers) => {
        const shares = { a: 100 - b, b };
        const weights = weightsFor(shares, servers);
        for (const slot of ['a', 'b'] as const) {
          expect(Number.isInteger(weights[slot]) && weights[slot] <= 256).toBe(true);
          expect(weights[slot] > 0).toBe(shares[slot] > 0);
        }
      }),
    );
  });
});

describe('the haproxy entry of the config', () => {
  const entry = {
    type: 'haproxy',
    socket: '/run/haproxy.sock',
    backend: 'app',
    servers: { a: 'x', b: ['y', 'z'] },
  };

  it('takes a path or host:port, and one server or several', () => {
    expect(haproxyRouterSchema.safeParse(entry).success).toBe(true);
    expect(haproxyRouterSchema.safeParse({ ...entry, socket: '[::1]:9999' }).success).toBe(true);
  });

  it.each([
    ['a name that would be two commands', { backend: 'app; disable server app/x' }],
    ['a relative path', { socket: 'run/haproxy.sock' }],
    ['a slot without servers', { servers: { a: 'x', b: [] } }],
    ['a key it does not know', { weight: 3 }],
  ])('refuses %s', (_what, change) => {
    expect(haproxyRouterSchema.safeParse({ ...entry, ...change }).success).toBe(false);
  });
});
