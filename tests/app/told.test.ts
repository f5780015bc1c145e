import { describe, expect, it } from 'vitest';
import { type ReconcileRequest, reconcile } from '../../src/app/reconcile.ts';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { Result } from '../../src/core/result.ts';
import type { Owner } from '../../src/core/rollout/record.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { Notifier } from '../../src/ports/notifier.ts';
import { ANN, BOB, MINUTE, PLAN } from '../core/rollout/sample-rollout.ts';
import { memoryWorld, outside } from '../support/memory-world.ts';

const HOUR = 60 * MINUTE;
const down = (what: string): AdapterError =>
  new AdapterError(what, 'unreachable', 'nobody there', { retryable: true });

/** A world in memory; its parts break when they are told to, and its operators die between two of their acts. */
function stage() {
  const out = outside();
  const heard: Result[] = [];
  const broken = { router: false, notifier: false };
  const died = new Error('killed');
  let cancel = (): void => undefined;
  let diesAt: 'telling' | 'remembering' | null = null;
  const notifierOf = (index: number): Notifier => ({
    name: `notifier ${index}`,
    notify: (result) => {
      if (diesAt === 'telling') return new Promise<void>(() => undefined);
      if (broken.notifier && index === 0) return Promise.reject(down('notifier'));
      heard.push(result);
      return Promise.resolve();
    },
  });
  const worldOf = (owner: Owner, notifiers = 1): World => {
    const world = memoryWorld(out, owner);
    const shift: World['router']['shift'] = (asked, signal) =>
      broken.router && asked.shares.b === 0 && out.shares.b > 0
        ? Promise.reject(down('router'))
        : world.router.shift(asked, signal);
    const append: World['ledger']['append'] = (expected, entry, signal) =>
      diesAt === 'remembering' && entry.note.startsWith('told')
        ? Promise.reject(died)
        : world.ledger.append(expected, entry, signal);
    const sample: World['metrics']['sample'] = (request, signal) => {
      cancel();
      return world.metrics.sample(request, signal);
    };
    return {
      ...world,
      router: { ...world.router, shift },
      ledger: { ...world.ledger, append },
      metrics: { sample },
      notifiers: Array.from({ length: notifiers }, (_, index) => notifierOf(index)),
    };
  };
  const rollOut = ({ notifiers = 1, cancelled = false } = {}): Promise<unknown> => {
    const steps = [{ weight: 10, bake: MINUTE, maxBake: MINUTE }];
    const stop = new AbortController();
    cancel = cancelled ? () => stop.abort() : () => undefined;
    const request = { id: 'r1', version: 'v2', plan: { ...PLAN, steps, tick: 10_000 }, readmit: null };
    const running = runRollout(worldOf(ANN, notifiers), { ...request, jobLimit: 1e9, stop: stop.signal });
    const dead = new Promise((resolve) => setTimeout(resolve, 100));
    return Promise.race([running.catch(() => undefined), ...(diesAt === null ? [] : [dead])]);
  };
  const reconcileNow = (own: Partial<ReconcileRequest> = {}): Promise<Result> => {
    diesAt = null;
    return reconcile(worldOf(BOB), {
      ownerHasEnded: false,
      onlyRollout: null,
      fallback: null,
      reason: null,
      ...own,
    });
  };
  return {
    heard,
    broken,
    rollOut,
    reconcileNow,
    dieAt: (when: 'telling' | 'remembering') => {
      diesAt = when;
    },
    pass: (ms: number) => {
      out.now += ms;
    },
    told: () => out.newest.record.rollout?.told,
  };
}

const ends = (results: readonly Result[]): string[] => results.map(({ state }) => state);

describe('telling people', () => {
  it('says once how a rollout ended, however often somebody looks after it later', async () => {
    const { rollOut, reconcileNow, heard, pass, told } = stage();
    await rollOut();
    expect(ends(heard)).toEqual(['promoted']);
    expect(told()).toEqual(['end']);
    for (const wait of [0, 10 * MINUTE, HOUR]) {
      pass(wait);
      await reconcileNow();
      await reconcileNow({ ownerHasEnded: true });
    }
    expect(ends(heard)).toEqual(['promoted']);
  });

  it('says for an operator who died at the end what he could not say any more', async () => {
    const { rollOut, reconcileNow, heard, dieAt } = stage();
    dieAt('telling');
    await rollOut();
    expect(heard).toEqual([]);
    await reconcileNow({ ownerHasEnded: true, onlyRollout: 'r1' });
    await reconcileNow({ ownerHasEnded: true, onlyRollout: 'r1' });
    expect(heard).toMatchObject([
      { state: 'promoted', reasonCode: 'promoted', verdict: 'pass', weight: 100 },
    ]);
  });

  it('leaves an end that has only just come to the run that may still be telling it', async () => {
    const { rollOut, reconcileNow, heard, dieAt, pass } = stage();
    dieAt('telling');
    await rollOut();
    await reconcileNow();
    expect(heard).toEqual([]);
    pass(10 * MINUTE);
    await reconcileNow();
    expect(ends(heard)).toEqual(['promoted']);
  });

  it('tells no old news', async () => {
    const { rollOut, reconcileNow, heard, dieAt, pass } = stage();
    dieAt('telling');
    await rollOut();
    pass(25 * HOUR);
    await reconcileNow({ ownerHasEnded: true });
    expect(heard).toEqual([]);
  });

  it('says it twice at most when the operator dies before he could remember it', async () => {
    const { rollOut, reconcileNow, heard, dieAt } = stage();
    dieAt('remembering');
    await rollOut();
    expect(ends(heard)).toEqual(['promoted']);
    await reconcileNow({ ownerHasEnded: true });
    await reconcileNow({ ownerHasEnded: true });
    expect(ends(heard)).toEqual(['promoted', 'promoted']);
  });

  it('raises the alarm about traffic that is not home once, and tells the end when it is', async () => {
    const { rollOut, reconcileNow, heard, broken, told } = stage();
    broken.router = true;
    await rollOut({ cancelled: true });
    expect(heard).toMatchObject([{ state: 'aborting', reasonCode: 'traffic-not-home' }]);
    expect(told()).toEqual(['not-home']);
    for (let turn = 0; turn < 3; turn += 1) await reconcileNow({ ownerHasEnded: true });
    expect(heard).toHaveLength(1);
    broken.router = false;
    await reconcileNow({ ownerHasEnded: true });
    await reconcileNow({ ownerHasEnded: true });
    expect(ends(heard)).toEqual(['aborting', 'aborted']);
  });

  it('tries again later when nobody could be reached, and not when one of two could', async () => {
    const { rollOut, reconcileNow, heard, broken, pass, told } = stage();
    broken.notifier = true;
    await rollOut({ notifiers: 2 });
    expect(ends(heard)).toEqual(['promoted']);
    expect(told()).toEqual(['end']);
    const other = stage();
    other.broken.notifier = true;
    await other.rollOut();
    expect(other.told()).toBeUndefined();
    other.broken.notifier = false;
    other.pass(10 * MINUTE);
    await other.reconcileNow();
    expect(ends(other.heard)).toEqual(['promoted']);
    pass(10 * MINUTE);
    await reconcileNow();
    expect(ends(heard)).toEqual(['promoted']);
  });
});
