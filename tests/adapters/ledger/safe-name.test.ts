import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeName } from '../../../src/adapters/ledger/safe-name.ts';

describe('a name as one path segment', () => {
  it.each([
    ['booking', 'booking'],
    ['booking-api_2', 'booking-api_2'],
    ['api.shine.dev', 'api.shine.dev'],
    ['Booking', '%42ooking'],
    ['a/b', 'a%2fb'],
    ['..', '%2e.'],
    ['.hidden', '%2ehidden'],
    ['a%2fb', 'a%252fb'],
    ['zürich', 'z%c3%bcrich'],
    ['', '%'],
  ])('writes %j as %j', (name, segment) => {
    expect(safeName(name)).toBe(segment);
  });

  it('is harmless whatever the name is', () => {
    const unit = fc.nat(0xd7ff).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 300 }), (name) => {
        expect(safeName(name)).toMatch(/^[a-z0-9_%-][a-z0-9._%-]{0,199}$/);
      }),
    );
  });

  it('never writes two names as the same segment, even where names ignore case', () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'A', '.', '/', '%', '2', 'f', '-', 'ä') }),
      fc.string({ unit: fc.constantFrom('a', 'b', '%'), minLength: 190, maxLength: 260 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 20 }), (names) => {
        const segments = new Set(names.map((one) => safeName(one).toLowerCase()));
        expect(segments.size).toBe(names.length);
      }),
    );
  });
});
