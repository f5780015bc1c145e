import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GATE_STATES,
  type GateLine,
  gateLine,
  mergeLines,
  readBoard,
  renderBoard,
} from '../../../src/core/report/gate-board.ts';

const lines = fc.array(
  fc.record<GateLine>({
    gate: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 80 })
      .filter((text) => gateLine(line(text)).gate !== ''),
    state: fc.constantFrom(...GATE_STATES),
    description: fc.string({ unit: 'binary', maxLength: 300 }),
    url: fc.option(fc.webUrl(), { nil: null }),
    sha: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  }),
  { maxLength: 12 },
);

function line(gate: string, more: Partial<GateLine> = {}): GateLine {
  return { gate, state: 'success', description: 'well', url: null, sha: '1'.repeat(40), ...more };
}

describe('the comment of all gates', () => {
  it('says to the next writer exactly what it says to people, whatever the text', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const merged = mergeLines(given);
        const text = renderBoard(merged, 65_000);
        expect(readBoard(text)).toEqual(merged);
        expect(renderBoard(mergeLines(readBoard(text)), 65_000)).toBe(text);
        expect(text.match(/-->/g)).toHaveLength(1);
      }),
    );
  });

  it('is the same whoever writes it, in whatever order the gates ended', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')), (gates) => {
        const [one, other] = [gates, gates.toReversed()].map((names) =>
          mergeLines(names.map((gate) => line(gate))),
        );
        expect(one).toEqual(other);
      }),
    );
  });

  it.each([65_000, 20_000, 4_000, 200])('never takes more than %d characters', (room) => {
    const url = `https://ci.example/${'x'.repeat(900)}`;
    const many = Array.from({ length: 150 }, (_, index) =>
      line(`gate-${index}`, {
        url,
        description: '<@all>'.repeat(30),
        state: index === 149 ? 'failure' : 'success',
      }),
    );
    const text = renderBoard(many, room);
    expect(text.length).toBeLessThanOrEqual(room);
    expect(text).toContain('1 of 150 gates shut');
    if (room > 10_000) expect(text, 'what is red is left out last').toContain('gate-149');
  });

  it.each([
    '',
    'hello',
    '<!-- deploy-canary:board %7 -->',
    '<!-- deploy-canary:board {} -->',
    '<!-- deploy-canary:board [1,null,{"gate":"x"}] -->',
  ])('that somebody has made into "%s" tells nothing', (text) => {
    expect(readBoard(text)).toEqual([]);
  });

  it('counts what is told last of a gate', () => {
    const [merged] = mergeLines([line('a', { state: 'pending' })], [line('a', { state: 'failure' })]);
    expect(merged?.state).toBe('failure');
  });
});
