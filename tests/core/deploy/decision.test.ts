import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widens } from '../../../src/core/deploy/column-type.ts';
import { decideOrder, decideRivals, decideToDo } from '../../../src/core/deploy/decision.ts';

describe('the order of versions', () => {
  it.each([
    ['v1.2.0', ['v1.2.0'], 'pass'],
    ['v1.2.1', ['v1.2.0'], 'pass'],
    ['v1.2.0', ['v1.2.1'], 'fail'],
    ['v1.2.0-rc.1', ['v1.2.0'], 'fail'],
    ['v1.2.0', ['v1.2.0-rc.1'], 'pass'],
    ['1.9.0', ['v1.10.0'], 'fail'],
    ['v1.2.0', [], 'pass'],
    ['v1.2.0', ['0123abc'], 'pass'],
    ['0123abc', ['v1.2.0'], 'pass'],
    ['v1.2.0', ['v1.1.0', 'v1.3.0'], 'fail'],
  ])('%s after %j: %s', (version, running, status) => {
    expect(decideOrder({ version, running, allowDowngrade: null }).status).toBe(status);
  });

  it('is waived by a reason, and never silently', () => {
    const answer = decideOrder({
      version: 'v1.0.0',
      running: ['v2.0.0'],
      allowDowngrade: 'v2 loses bookings',
    });
    expect(answer).toMatchObject({
      status: 'warn',
      code: 'overridden',
      detail: 'allowed: v2 loses bookings',
    });
  });

  it('never lets an older version pass, whatever else is known to run', () => {
    const part = fc.nat(20);
    const version = fc.tuple(part, part, part).map((parts) => `v${parts.join('.')}`);
    fc.assert(
      fc.property(version, version, fc.array(version), (one, other, more) => {
        const alone = decideOrder({ version: one, running: [other], allowDowngrade: null }).status;
        const among = decideOrder({ version: one, running: [...more, other], allowDowngrade: null }).status;
        expect(alone === 'fail' && among === 'pass').toBe(false);
      }),
    );
  });
});

describe('what is left to do', () => {
  const facts = { version: 'v1', sha: 'a', migrations: 'd', recorded: null, answers: false, force: false };
  const recorded = { version: 'v1', sha: 'a', migrations: 'd' };

  it.each([
    ['nothing is there', {}, [true, true, true]],
    ['it answers and is recorded', { recorded, answers: true }, [false, false, false]],
    ['it is recorded and nothing can be asked', { recorded, answers: null }, [false, false, false]],
    ['it is recorded and does not answer', { recorded }, [true, true, true]],
    ['it answers and was never recorded', { answers: true }, [true, false, true]],
    [
      'it answers, recorded at another commit',
      { recorded: { ...recorded, sha: 'b' }, answers: true },
      [true, false, true],
    ],
    [
      'other migrations were recorded',
      { recorded: { ...recorded, migrations: 'e' }, answers: true },
      [true, false, true],
    ],
    ['somebody forces it', { recorded, answers: true, force: true }, [true, true, true]],
  ])('when %s', (_, more, [migrate, deploy, record]) => {
    expect(decideToDo({ ...facts, ...more })).toEqual({ migrate, deploy, record });
  });
});

describe('somebody else', () => {
  const rival = { version: 'v2', name: 'bob', url: null };

  it.each([
    [[], undefined],
    [['dead'], 'warn'],
    [['unknown'], 'warn'],
    [['dead', 'alive'], 'fail'],
  ] as const)('%j: %s', (alive, status) => {
    expect(decideRivals(alive.map((one) => ({ ...rival, alive: one })))?.status).toBe(status);
  });
});

describe('a type', () => {
  const type = (text: string) => {
    const [name = '', ...sizes] = text.split(/[(,)]/).filter((part) => part !== '');
    return { name, sizes: sizes.map(Number) };
  };

  it.each([
    ['varchar(10)', 'varchar(20)', true],
    ['varchar(20)', 'varchar(10)', false],
    ['varchar(10)', 'varchar', true],
    ['varchar', 'varchar(10)', false],
    ['char', 'char(2)', true],
    ['char(2)', 'char', false],
    ['varchar(10)', 'text', true],
    ['text', 'varchar(10)', false],
    ['int', 'bigint', true],
    ['bigint', 'integer', false],
    ['int', 'text', false],
    ['numeric(6,2)', 'numeric(8,2)', true],
    ['numeric(6,2)', 'numeric(8,4)', true],
    ['numeric(6,2)', 'numeric(7,4)', false],
    ['numeric', 'numeric(6,2)', false],
    ['numeric(6,2)', 'numeric', true],
    ['uuid', 'uuid', true],
    ['uuid', 'text', false],
  ])('%s to %s holds every value: %s', (from, to, expected) => {
    expect(widens(type(from), type(to))).toBe(expected);
  });
});
