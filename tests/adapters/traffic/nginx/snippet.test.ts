import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Held, parseSnippet, renderSnippet } from '../../../../src/adapters/traffic/nginx/snippet.ts';
import { nginxRouterSchema } from '../../../../src/adapters/traffic/nginx-router.ts';
import { toHundredths } from '../../../../src/adapters/traffic/shares.ts';
import { guideSnippet } from './scene.ts';

const settings = {
  variable: 'deploy_canary_upstream',
  'split-by': '$request_id',
  upstreams: { a: 'booking_a', b: 'booking_b' },
  listen: '127.0.0.1:8181',
  path: '/',
};
const held: Held = { generation: 'first', a: 100, b: 0, token: 0, home: null };

describe('the snippet of nginx', () => {
  it('is the one of the guide to begin with', () => {
    expect(renderSnippet(settings, held)).toBe(guideSnippet());
  });

  it('leaves out who has nothing, because nginx takes no part of 0 %', () => {
    expect(renderSnippet(settings, { ...held, a: 0, b: 100 })).toContain('upstream {\n    * booking_b;\n}');
    expect(renderSnippet(settings, { ...held, a: 90, b: 10 })).toContain(
      'upstream {\n    10% booking_b;\n    * booking_a;\n}',
    );
  });

  it('tells again what it was written with, and nothing when it is none of ours', () => {
    const some = { ...held, a: 66.67, b: 33.33, token: 7, home: 'a' } as const;
    expect(parseSnippet(renderSnippet(settings, some))).toEqual(some);
    for (const text of ['', 'split_clients', '# deploy-canary {', '# deploy-canary {"a":1}']) {
      expect(parseSnippet(text)).toBeNull();
    }
  });

  it('has weights of two decimals that add up, 0 and 100 exactly, and none for a slot without share alone', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (b) => {
        const weights = toHundredths({ a: 100 - b, b });
        expect(weights.a + weights.b).toBeCloseTo(100, 9);
        expect(`${weights.b}%`).toMatch(/^\d+(\.\d{1,2})?%$/);
        expect([weights.a > 0, weights.b > 0]).toEqual([b < 100, b > 0]);
        expect(Math.abs(weights.b - b)).toBeLessThanOrEqual(0.0100001);
      }),
    );
  });
});

describe('the nginx entry of the config', () => {
  const entry = {
    type: 'nginx',
    snippet: '/etc/nginx/deploy-canary.conf',
    upstreams: { a: 'booking_a', b: 'booking_b' },
    status: 'http://127.0.0.1:8181/',
  };

  it('needs no more than the file, the upstreams and the address', () => {
    expect(nginxRouterSchema.safeParse(entry).success).toBe(true);
    expect(nginxRouterSchema.safeParse({ ...entry, status: 'http://[::1]:8181/w' }).success).toBe(true);
  });

  it.each([
    ['an upstream that would be two directives', { upstreams: { a: 'a; } server {', b: 'b' } }],
    ['a variable that would be another', { variable: 'x y' }],
    ['a split by nothing that varies', { 'split-by': 'always' }],
    ['a split that ends the string', { 'split-by': '$remote_addr" x' }],
    ['an address without port or path', { status: '127.0.0.1:8181' }],
    ['a path that would be two directives', { status: 'http://127.0.0.1:8181/{x}' }],
    ['a listen line of two directives', { listen: '8181; return 200' }],
    ['a key it does not know', { weight: 3 }],
  ])('refuses %s', (_what, change) => {
    expect(nginxRouterSchema.safeParse({ ...entry, ...change }).success).toBe(false);
  });
});
