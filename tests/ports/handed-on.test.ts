import { describe, expect, it } from 'vitest';
import { handedOn, maskListed } from '../../src/ports/handed-on.ts';

const missing = (message: string): Error => new Error(message);

describe('what a program gets of the environment', () => {
  it('is PATH, HOME and what is listed, and nothing else', () => {
    const env = { PATH: '/bin', HOME: '/root', TOKEN: 'secret', OTHER: 'x', EMPTY: '' };
    expect(handedOn(['TOKEN', 'EMPTY'], { env }, missing)).toEqual({
      PATH: '/bin',
      HOME: '/root',
      TOKEN: 'secret',
      EMPTY: '',
    });
  });

  it('may be without PATH and HOME, but not without what is listed', () => {
    expect(handedOn([], { env: {} }, missing)).toEqual({});
    expect(() => handedOn(['TOKEN'], { env: {} }, missing)).toThrow(
      /the variable TOKEN that env-from lists, saw none; set it/,
    );
    expect(() => handedOn(['HOME'], { env: { PATH: '/bin' } }, missing)).toThrow(/HOME/);
  });

  it('is kept out of the log, what is too short for a secret apart', () => {
    const masked: string[] = [];
    const env = { TOKEN: 'secret', FLAG: 'yes', OTHER: 'not listed' };
    maskListed(['TOKEN', 'FLAG', 'NOT_SET'], { env, mask: (secret) => void masked.push(secret) });
    expect(masked).toEqual(['secret']);
  });
});
