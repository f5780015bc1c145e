import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StepEnd } from '../../src/cli/demo/as-runner.ts';
import { isExhaustive, isRun } from '../support/exhaustive.ts';
import { type Policy, pass } from '../support/gate.ts';
import { openTheatre, PATIENT, type Theatre } from '../support/theatre.ts';

/** Where the operator is struck dead: when the ledger has grown so far, or around a shift of the router. */
interface Moment {
  readonly at: 'entry' | 'before shift' | 'after shift';
  readonly number: number;
}

function moments(entries: number, shifts: number): Moment[] {
  const upTo = (at: Moment['at'], count: number): Moment[] =>
    Array.from({ length: count }, (_, index) => ({ at, number: index + 1 }));
  return [...upTo('entry', entries), ...upTo('before shift', shifts), ...upTo('after shift', shifts)];
}

/**
 * The bad ones come first: the stub fails in slot b, which is the canary's until something is promoted. Every transition of the rollout. Healthy: started, deployed, three times shifted and baked, settled, verified,
 * promoted. Bad: started, deployed, shifted, aborting, home, aborted. Each starts by clearing the slot at the router.
 */
const KINDS = [
  { kind: 'bad', moments: moments(6, 3) },
  { kind: 'healthy', moments: moments(10, 5) },
] as const;
const RECOVERIES = ['post alone', 'reconcile alone', 'a plain re-run'] as const;
type Recovery = (typeof RECOVERIES)[number];

/** Runs the canary step and kills it with SIGKILL at the moment. */
async function killedAt(theatre: Theatre, moment: Moment, version: string): Promise<StepEnd> {
  const base = (await theatre.ledger()).at(-1)?.revision ?? 0;
  const running = await theatre.run('canary/main', { version });
  const strike = (): void => void running.child.kill('SIGKILL');
  const watch = moment.at === 'entry' ? theatre.atRevision(base + moment.number, strike) : null;
  if (moment.at !== 'entry') theatre.router.set(strikeAtShift(moment, strike));
  const end = await running.ended;
  watch?.cancel();
  theatre.router.set(pass);
  return end;
}

function strikeAtShift(moment: Moment, strike: () => void): Policy {
  return ({ method, count }) => {
    if (method !== 'PUT' || count !== moment.number) return { do: 'pass' };
    if (moment.at === 'after shift') return { do: 'lose-answer', strike };
    strike();
    return { do: 'hang' };
  };
}

async function recover(
  theatre: Theatre,
  recovery: Recovery,
  version: string,
  dead: StepEnd,
): Promise<StepEnd> {
  if (recovery === 'post alone') return theatre.play('canary/post', {}, dead.state);
  if (recovery === 'reconcile alone') return theatre.play('reconcile/main');
  return theatre.play('canary/main', { version });
}

/** Asks the router, counts at the versions, reads the ledger: all must agree. Answers with the version that serves. */
async function agreed(theatre: Theatre): Promise<string> {
  const record = (await theatre.ledger()).at(-1)?.record;
  const serving = record?.stable?.version ?? 'none';
  // Requests that were in flight when traffic moved still end where they began.
  await pause(500);
  const counted = await theatre.count(200);
  const share = await theatre.shareOfB();
  expect(Object.keys(counted), 'who answers').toEqual([serving]);
  expect(share, 'the router').toBe(record?.stable?.slot === 'b' ? 100 : 0);
  expect(record?.rollout?.phase.name, 'the ledger').toMatch(/^(promoted|aborted)$/);
  return serving;
}

/** Every moment with every recovery; in the everyday run every second moment with one of them. */
const CASES = KINDS.flatMap(({ kind, moments: all }) =>
  RECOVERIES.flatMap((recovery, place) =>
    all
      .filter((_, index) => isRun(index + 2 * place))
      .map((moment) => ({ kind, recovery, moment, at: `${moment.at} ${moment.number}` })),
  ),
);

/** One theatre for each recovery; its cases take turns, the theatres play side by side. */
const theatres = new Map<Recovery, Promise<Theatre>>();
const turns = new Map<Recovery, Promise<unknown>>();

function inTurn<T>(recovery: Recovery, act: () => Promise<T>): Promise<T> {
  const mine = (turns.get(recovery) ?? Promise.resolve()).then(act);
  turns.set(
    recovery,
    mine.catch(() => undefined),
  );
  return mine;
}

beforeAll(() => {
  for (const recovery of RECOVERIES) {
    const opened = openTheatre(PATIENT);
    opened.catch(() => undefined);
    theatres.set(recovery, opened);
  }
});

afterAll(async () => {
  for (const opened of theatres.values()) await (await opened).close();
});

/** They all begin at once and most of it is waiting for their turn: one clock for all the cases of a theatre. */
const TIMEOUT = isExhaustive ? 900_000 : 280_000;

describe('an operator killed with SIGKILL', () => {
  it.concurrent.each(CASES)(
    'in a $kind canary at $at: $recovery ends it',
    { timeout: TIMEOUT },
    async (one) => {
      const { kind, recovery, moment } = one;
      const version = `${kind}-${moment.at.replace(' ', '-')}-${moment.number}`;
      await inTurn(recovery, async () => {
        const theatre = await theatres.get(recovery);
        if (theatre === undefined) throw new Error(`no theatre for ${recovery}`);
        await theatre.rewrite({ ...PATIENT, fault: kind === 'bad' ? 'errors' : 'none' });
        const before = (await theatre.ledger()).at(-1)?.record.stable?.version;
        const dead = await killedAt(theatre, moment, version);
        const told = await recover(theatre, recovery, version, dead);
        const serving = await agreed(theatre);
        const last = kind === 'bad' ? 6 : 10;
        if (!(moment.at === 'entry' && moment.number === last))
          expect(dead.signal, `it was killed, and has not told ${dead.outputs['reason-code']}`).toBe(
            'SIGKILL',
          );
        expect([before, version], 'what serves').toContain(serving);
        if (kind === 'bad') expect(serving).toBe(before);
        else if (recovery === 'a plain re-run') expect(serving).toBe(version);
        if (told.outputs['reason-code'] === 'promoted') expect(serving, 'what was told').toBe(version);
        if (told.outputs.state === 'aborted') expect(serving, 'what was told').toBe(before);
      });
    },
  );
});
