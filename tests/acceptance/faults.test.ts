import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { canRun } from '../support/can-run.ts';
import { type Policy, pass } from '../support/gate.ts';
import { lanes } from '../support/lanes.ts';
import {
  openTheatre,
  PATIENT,
  type Script,
  SLOW_PLAN,
  STABLE,
  type Theatre,
  UNHURRIED_PLAN,
  until,
} from '../support/theatre.ts';

const inLane = lanes(4);

/** Each test rolls out a version of its own: one that was taken back is refused, and that is another test. */
const versions = new WeakMap<Theatre, number>();
const canaryOf = (theatre: Theatre): string => `v${1 + (versions.get(theatre) ?? 1)}`;
/** Theatres in which everything is as it was at the beginning: to open one takes longer than most plays. */
const tidy: Theatre[] = [];

/** Plays alone in a theatre; a few at a time, or the machine is too slow for what is tested. */
function stage(script: Script, act: (theatre: Theatre) => Promise<void>): Promise<void> {
  return inLane(async () => {
    const isPlain = script.ledgerOn === undefined && script.clock === undefined;
    const theatre = (isPlain ? tidy.pop() : undefined) ?? (await openTheatre(script));
    let isTidy = false;
    try {
      await theatre.rewrite(script);
      await act(theatre);
      isTidy = isPlain && (await isAsBefore(theatre));
    } finally {
      versions.set(theatre, (versions.get(theatre) ?? 1) + 3);
      theatre.router.set(pass);
      theatre.metrics.set(pass);
      if (isTidy) tidy.push(theatre);
      else await theatre.close();
    }
  });
}

async function isAsBefore(theatre: Theatre): Promise<boolean> {
  const record = (await theatre.ledger()).at(-1)?.record;
  const isOver = record?.rollout === null || /^(promoted|aborted)$/.test(record?.rollout?.phase.name ?? '');
  const { version, slot } = record?.stable ?? {};
  return isOver && version === STABLE && slot === 'a' && (await theatre.shareOfB()) === 0;
}

afterAll(async () => {
  for (const theatre of tidy) await theatre.close();
});

const phaseOf = async (theatre: Theatre): Promise<string> =>
  (await theatre.ledger()).at(-1)?.record.rollout?.phase.name ?? 'none';

const baking = (theatre: Theatre): Promise<void> => until(async () => isBaking(theatre), 'the first bake');

const isBaking = async (theatre: Theatre): Promise<boolean> =>
  (await theatre.shareOfB()) > 0 && (await phaseOf(theatre)) === 'baking';

/** Router, versions and ledger agree that everything is on stable. */
async function expectHome(theatre: Theatre): Promise<void> {
  await pause(500);
  expect(await theatre.shareOfB(), 'the router').toBe(0);
  expect(Object.keys(await theatre.count(300)), 'who answers').toEqual([STABLE]);
  expect(await phaseOf(theatre), 'the ledger').toBe('aborted');
}

const TIMEOUT = { timeout: 280_000 };

describe.concurrent('a cancelled job', () => {
  it.for(['none', 'errors'] as const)(
    'takes traffic home on SIGINT (fault: %s), and post finds nothing to do',
    TIMEOUT,
    (fault) =>
      // The bad one is cancelled before its guardrail has had the time to see it, on all but the slowest machine.
      stage({ fault, plan: SLOW_PLAN }, async (theatre) => {
        const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
        const isOver = (): boolean => running.child.exitCode !== null;
        await until(async () => isOver() || (await isBaking(theatre)), 'the first bake');
        const since = performance.now();
        running.child.kill('SIGINT');
        const end = await running.ended;
        expect(performance.now() - since, 'milliseconds until it had ended').toBeLessThan(7_500);
        expect(end.code).toBe(1);
        expect(['cancelled', 'guardrail-breached', 'comparison-regressed']).toContain(
          end.outputs['reason-code'],
        );
        await expectHome(theatre);
        const entries = (await theatre.ledger()).length;
        await theatre.play('canary/post', {}, end.state);
        expect((await theatre.ledger()).length, 'post wrote nothing more').toBe(entries);
      }),
  );

  it(
    'whose router hangs is killed by the runner after SIGINT, 7.5 s, SIGTERM, 2.5 s; post takes traffic home',
    TIMEOUT,
    () =>
      stage({ lease: '60s', plan: SLOW_PLAN }, async (theatre) => {
        const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
        await baking(theatre);
        theatre.router.set(() => ({ do: 'hang' }));
        running.child.kill('SIGINT');
        await pause(7_500);
        running.child.kill('SIGTERM');
        await pause(2_500);
        running.child.kill('SIGKILL');
        const end = await running.ended;
        expect(await theatre.shareOfB(), 'still up: no net has worked yet').toBeGreaterThan(0);
        theatre.router.set(pass);
        const post = await theatre.play('canary/post', {}, end.state);
        expect(post.code).toBe(0);
        await expectHome(theatre);
      }),
  );

  it('changes nothing by a second signal', TIMEOUT, () =>
    stage({ plan: SLOW_PLAN }, async (theatre) => {
      const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
      await baking(theatre);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) running.child.kill(signal);
      expect((await running.ended).outputs['reason-code']).toBe('cancelled');
      await expectHome(theatre);
    }),
  );
});

describe.concurrent('a router', () => {
  const shifts =
    (bad: ReturnType<Policy>): Policy =>
    ({ method, count }) =>
      method === 'PUT' && count >= 3 ? bad : { do: 'pass' };

  it.for([
    { how: 'hangs', policy: shifts({ do: 'hang' }) },
    { how: 'refuses', policy: shifts({ do: 'answer', status: 503, body: '{}' }) },
    { how: 'cuts the connection', policy: shifts({ do: 'cut' }) },
  ])(
    'that $how in the middle: the lease takes traffic home, the user is told, reconcile closes the record',
    TIMEOUT,
    ({ policy }) =>
      stage({}, async (theatre) => {
        theatre.router.set(policy);
        const end = await theatre.play('canary/main', { version: canaryOf(theatre) });
        expect(end.code).toBe(1);
        expect(['shift-failed', 'lease-lost', 'traffic-not-home']).toContain(end.outputs['reason-code']);
        await until(async () => (await theatre.shareOfB()) === 0, 'the lease to run out');
        theatre.router.set(pass);
        await theatre.play('reconcile/main');
        await expectHome(theatre);
      }),
  );

  it('that loses the answer to every shift is believed by what it says when it is asked', TIMEOUT, () =>
    stage({}, async (theatre) => {
      theatre.router.set(({ method }) => (method === 'PUT' ? { do: 'lose-answer' } : { do: 'pass' }));
      expect((await theatre.play('canary/main', { version: canaryOf(theatre) })).outputs['reason-code']).toBe(
        'promoted',
      );
    }),
  );

  it('that says other weights than it was told ends the rollout, loudly, and not as home', TIMEOUT, () =>
    stage({}, async (theatre) => {
      const lie = (body: string): string =>
        body.replace(/"b":\s*30/, '"b":35').replace(/"a":\s*70/, '"a":65');
      theatre.router.set(({ method }) =>
        method === 'GET' ? { do: 'rewrite', change: lie } : { do: 'pass' },
      );
      const end = await theatre.play('canary/main', { version: canaryOf(theatre) });
      expect(end.outputs['reason-code']).toBe('weight-diverged');
      await expectHome(theatre);
    }),
  );

  it('that says yes and does nothing is found out by the requests that were served', TIMEOUT, () =>
    stage({}, async (theatre) => {
      let told = '{}';
      const pretend = (body: string): string =>
        told === '{}' ? body : body.replace(/"shares":\{[^}]*\}/, '"shares":{"a":70,"b":30}');
      theatre.router.set(({ method, count }) => {
        if (method === 'PUT' && count === 2) {
          told = 'yes';
          return {
            do: 'answer',
            status: 200,
            body: '{"shares":{"a":70,"b":30},"lease":null,"lapsed":null,"token":9}',
          };
        }
        if (method === 'POST') return { do: 'answer', status: 200, body: '{}' };
        if (method === 'PUT') told = '{}';
        return { do: 'rewrite', change: pretend };
      });
      const end = await theatre.play('canary/main', { version: canaryOf(theatre) });
      expect(['no-data', 'share-diverged', 'lease-lost', 'weight-diverged']).toContain(
        end.outputs['reason-code'],
      );
      theatre.router.set(pass);
      await theatre.play('reconcile/main');
      await expectHome(theatre);
    }),
  );
});

describe.concurrent('a metrics endpoint', () => {
  it.for([
    { how: 'is down', policy: (): ReturnType<Policy> => ({ do: 'cut' }), codes: ['metrics-unavailable'] },
    {
      how: 'is slow',
      policy: (): ReturnType<Policy> => ({ do: 'delay', ms: 4_000 }),
      codes: ['metrics-unavailable'],
    },
    {
      how: 'is empty',
      policy: (): ReturnType<Policy> => ({ do: 'answer', status: 200, body: '' }),
      codes: ['no-data'],
    },
    {
      how: 'returns garbage',
      policy: (): ReturnType<Policy> => ({ do: 'answer', status: 200, body: '<html>{{' }),
      codes: ['metrics-unavailable'],
    },
    {
      how: 'returns errors',
      policy: (): ReturnType<Policy> => ({ do: 'answer', status: 500, body: 'no' }),
      codes: ['metrics-unavailable'],
    },
  ])('that $how is not health: the rollout ends and says why', TIMEOUT, ({ policy, codes }) =>
    stage({ plan: SLOW_PLAN }, async (theatre) => {
      const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
      await baking(theatre);
      theatre.metrics.set(policy);
      const end = await running.ended;
      expect(codes).toContain(end.outputs['reason-code']);
      await expectHome(theatre);
    }),
  );
});

describe.concurrent('several writers', () => {
  it('start two rollouts at once: exactly one goes on, the other touches nothing', TIMEOUT, () =>
    stage({}, async (theatre) => {
      const first = canaryOf(theatre);
      const both = [first, `${first}-too`];
      const ends = await Promise.all(both.map((version) => theatre.play('canary/main', { version })));
      const codes = ends.map((end) => end.outputs['reason-code']).sort();
      expect(codes).toEqual(['promoted', 'rollout-in-progress']);
      const winner = codes[0] === ends[0]?.outputs['reason-code'] ? both[0] : both[1];
      expect(Object.keys(await theatre.count(300))).toEqual([winner]);
    }),
  );

  it('roll back in mid-step: traffic is home, the rollback is green, the rollout is red', TIMEOUT, () =>
    stage({ plan: SLOW_PLAN }, async (theatre) => {
      const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
      await baking(theatre);
      const rollback = await theatre.play('rollback/main', { reason: 'customers complain' });
      expect(rollback.outputs['reason-code']).toBe('restored');
      expect(rollback.code).toBe(0);
      const end = await running.ended;
      expect(end.outputs['reason-code']).toBe('rolled-back-by-hand');
      expect(end.code).toBe(1);
      await expectHome(theatre);
    }),
  );

  it('an owner that was frozen and comes back to life cannot raise the weight again', TIMEOUT, () =>
    stage({ plan: SLOW_PLAN }, async (theatre) => {
      const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
      await baking(theatre);
      running.child.kill('SIGSTOP');
      const end = await theatre.play('reconcile/main', { 'owner-has-ended': 'true' });
      expect(end.outputs.state).toBe('aborted');
      running.child.kill('SIGCONT');
      const late = await running.ended;
      expect(late.code).toBe(1);
      await expectHome(theatre);
    }),
  );

  it('reconcile leaves a rollout alone while its owner lives', TIMEOUT, () =>
    stage({ plan: UNHURRIED_PLAN }, async (theatre) => {
      const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
      await baking(theatre);
      expect((await theatre.play('reconcile/main')).outputs['reason-code']).toBe('nothing-to-do');
      expect((await running.ended).outputs['reason-code']).toBe('promoted');
    }),
  );
});

describe.concurrent('after a promotion', () => {
  it(
    'a rollback is one shift to the kept version; the version left is refused until somebody says why not',
    TIMEOUT,
    () =>
      stage(PATIENT, async (theatre) => {
        expect((await theatre.play('canary/main', { version: canaryOf(theatre) })).outputs.state).toBe(
          'promoted',
        );
        const rollback = await theatre.play('rollback/main', { reason: 'a late surprise' });
        expect(rollback.outputs.state).toBe('restored');
        expect(Object.keys(await theatre.count(300))).toEqual([STABLE]);
        const again = await theatre.play('canary/main', { version: canaryOf(theatre) });
        expect(again.outputs['reason-code']).toBe('version-rejected');
        const readmitted = await theatre.play('canary/main', {
          version: canaryOf(theatre),
          readmit: 'staging passed anew',
        });
        expect(readmitted.outputs['reason-code']).toBe('promoted');
      }),
  );
});

describe.concurrent('the machine', () => {
  const canMount = process.getuid?.() === 0 && canRun('mount', '--version');
  const tmpfs = (folder: string): void => {
    mkdirSync(join(folder, 'ledger'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', join(folder, 'ledger')]);
  };

  it.skipIf(!canMount)(
    `with a full disk under the ledger goes home and is caught up${canMount ? '' : ' (skipped: needs root and mount)'}`,
    TIMEOUT,
    () =>
      stage({ ledgerOn: tmpfs, plan: UNHURRIED_PLAN }, async (theatre) => {
        const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
        await baking(theatre);
        const ballast = join(theatre.folder, 'ledger/ballast');
        try {
          writeFileSync(ballast, Buffer.alloc(600_000));
        } catch {
          // It is full now, which is what it is for.
        }
        const end = await running.ended;
        expect(end.outputs['reason-code']).toBe('ledger-unavailable');
        expect(await theatre.shareOfB()).toBe(0);
        expect(end.outputs.result).toContain('reconcile will catch it up');
        rmSync(ballast);
        await theatre.play('reconcile/main');
        await expectHome(theatre);
        execFileSync('umount', ['-l', join(theatre.folder, 'ledger')]);
      }),
  );

  const faketime = ['x86_64', 'aarch64']
    .map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`)
    .find(existsSync);

  it.skipIf(faketime === undefined).for(['+3h', '-3h'])(
    `with a wall clock that jumps by %s promotes as if nothing had been${faketime === undefined ? ' (skipped: needs faketime)' : ''}`,
    TIMEOUT,
    (jump) =>
      stage({ clock: { library: faketime ?? '' }, plan: UNHURRIED_PLAN }, async (theatre) => {
        const running = await theatre.run('canary/main', { version: canaryOf(theatre) });
        await baking(theatre);
        theatre.jump(jump);
        const end = await running.ended;
        expect(end.outputs['reason-code']).toBe('promoted');
        const result: { startedAt: number; endedAt: number; steps: { servedMs: number; bakeMs: number }[] } =
          JSON.parse(end.outputs.result ?? '{}');
        expect(Math.abs(result.endedAt - result.startedAt), 'the clock did jump').toBeGreaterThan(3_000_000);
        for (const step of result.steps) expect(step.servedMs).toBeGreaterThanOrEqual(step.bakeMs);
      }),
  );
});

describe.concurrent('what cannot work is refused before anything is touched', () => {
  it.for([
    { what: 'a plan longer than the job', inputs: { 'job-limit': '10s' }, code: 'plan-too-long' },
    { what: 'a version that is an option', inputs: { version: '--rm' }, code: 'config-invalid' },
    { what: 'an unknown environment', inputs: { environment: 'produktion' }, code: 'config-invalid' },
    { what: 'a missing config', inputs: { config: 'nowhere.yml' }, code: 'config-invalid' },
  ])('$what', TIMEOUT, ({ inputs, code }) =>
    stage({}, async (theatre) => {
      const entries = (await theatre.ledger()).length;
      let puts = 0;
      theatre.router.set(({ method }) => {
        puts += method === 'PUT' ? 1 : 0;
        return { do: 'pass' };
      });
      const end = await theatre.play('canary/main', { version: canaryOf(theatre), ...inputs });
      expect(end.code).toBe(1);
      expect(end.outputs['reason-code']).toBe(code);
      expect(puts, 'shifts').toBe(0);
      expect((await theatre.ledger()).length, 'entries of the ledger').toBe(entries);
    }),
  );
});
