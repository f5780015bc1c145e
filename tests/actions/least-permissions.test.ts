import { afterAll, describe, expect, it, vi } from 'vitest';
import { ACTIONS, leastFor } from '../../src/adapters/github/permission-table.ts';
import { isRun } from '../support/exhaustive.ts';
import { lanes } from '../support/lanes.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { type Allowed, type OperatedService, openService } from '../support/operated-service.ts';
import { operationOf } from '../support/operations.ts';
import { type StepTold, sourceActions } from '../support/source-action.ts';

// Most of it is waiting in a lane.
vi.setConfig({ testTimeout: 280_000 });
const inTurn = lanes(4);

type Action = 'canary' | 'rollback' | 'reconcile';

const actions = await sourceActions({
  'canary/main': ['src/actions/canary.ts', 'canaryMain'],
  'canary/post': ['src/actions/canary.ts', 'canaryPost'],
  'rollback/main': ['src/actions/rollback.ts', 'rollbackMain'],
  'reconcile/main': ['src/actions/reconcile.ts', 'reconcileMain'],
});
afterAll(() => actions.remove());

/** What its README asks for. */
const least = (action: Action): Allowed =>
  Object.fromEntries(leastFor([ACTIONS[action]]).map(({ key, level }) => [key, level]));
const without = (action: Action, missing: string): Allowed =>
  Object.fromEntries(Object.entries(least(action)).filter(([key]) => key !== missing));

interface Scene {
  readonly name: string;
  readonly action: Action;
  readonly inputs: Readonly<Record<string, string>>;
  readonly prepare: (service: OperatedService) => Promise<void>;
  /** Reason code, exit code, and the share of slot b at the end. */
  readonly ends: readonly [code: string, exit: number, shareOfB: number];
  /** What is shown of it, by permission. */
  readonly shows: readonly ('deployments' | 'statuses' | 'issues')[];
  /** How it ends when the ledger can be read but not written: left out, nothing is begun. */
  readonly unwritten?: readonly [code: string, shareOfB: number];
}

const PLAIN = ['deployments', 'statuses'] as const;
const INCIDENT = [...PLAIN, 'issues'] as const;
const V2 = { version: 'v2' };
const WHY = { reason: 'customers complain' };

/** Each of these is done with exactly the least, then with less. */
const SCENES: readonly Scene[] = [
  {
    ...{ name: 'a canary that is promoted', action: 'canary', inputs: V2 },
    ...{ prepare: (service) => service.serve(), ends: ['promoted', 0, 100], shows: PLAIN },
  },
  {
    ...{ name: 'a canary that breaks a limit', action: 'canary', inputs: V2 },
    prepare: async (service) => {
      service.failing = 0.5;
      await service.serve();
    },
    ...{ ends: ['guardrail-breached', 1, 0], shows: INCIDENT },
  },
  {
    ...{ name: 'a rollback after a promotion', action: 'rollback', inputs: WHY },
    ...{ prepare: (service) => service.serve('v2'), ends: ['restored', 0, 0], shows: INCIDENT },
    unwritten: ['restored', 0],
  },
  {
    ...{ name: 'a rollback of a rollout in progress', action: 'rollback', inputs: WHY },
    ...{ prepare: (service) => service.leave('rollout'), ends: ['restored', 0, 0], shows: INCIDENT },
    unwritten: ['restored', 0],
  },
  {
    ...{ name: 'reconcile of a rollout that was left', action: 'reconcile', inputs: {} },
    ...{ prepare: (service) => service.leave('rollout'), ends: ['owner-lost', 0, 0], shows: INCIDENT },
    unwritten: ['owner-lost', 0],
  },
];

/** More that they do, of interest for what is asked of GitHub. */
const BESIDES: readonly Scene[] = [
  {
    ...{ name: 'a first deployment', action: 'canary', inputs: { version: 'v1' } },
    ...{ prepare: async () => undefined, ends: ['first-deployment', 0, 0], shows: PLAIN },
  },
  {
    ...{
      name: 'a canary that finds a rollout left by another run',
      action: 'canary',
      inputs: { version: 'v3' },
    },
    ...{ prepare: (service) => service.leave('rollout'), ends: ['promoted', 0, 100], shows: PLAIN },
  },
  {
    ...{ name: 'a canary while another one runs', action: 'canary', inputs: { version: 'v3' } },
    prepare: (service) => service.leave('rollout', 'in_progress'),
    ...{ ends: ['rollout-in-progress', 1, 50], shows: [] },
  },
  {
    ...{ name: 'a rollback that finds another one left', action: 'rollback', inputs: WHY },
    ...{ prepare: (service) => service.leave('rollback'), ends: ['restored', 0, 0], shows: INCIDENT },
  },
  {
    ...{ name: 'a rollback while another one runs', action: 'rollback', inputs: WHY },
    prepare: (service) => service.leave('rollback', 'in_progress'),
    ...{ ends: ['rollout-in-progress', 1, 100], shows: [] },
  },
  {
    ...{ name: 'reconcile while the owner lives', action: 'reconcile', inputs: {} },
    prepare: (service) => service.leave('rollout', 'in_progress'),
    ...{ ends: ['nothing-to-do', 0, 50], shows: [] },
  },
  {
    ...{ name: 'reconcile of a rollout that was never shown', action: 'reconcile', inputs: {} },
    prepare: (service) => service.leave('rollout', 'completed', false),
    ...{ ends: ['owner-lost', 0, 0], shows: INCIDENT },
  },
];

/** Listed, and met by no scene above. */
const RARE: Readonly<Record<string, string>> = {
  'git/get-blob': 'only an entry of more than a megabyte is read by it',
};

interface Played {
  readonly step: StepTold;
  readonly shareOfB: number;
  readonly entries: number;
  readonly shown: Readonly<Record<string, number>>;
  /** What GitHub was asked by the action. */
  readonly asked: readonly string[];
}

/** Statuses of deployments and of commits, and issues, that GitHub shows. */
function shownOn({ github }: OperatedService): Played['shown'] {
  const { deployments, statuses, issues } = github.repository(REPOSITORY);
  const told = [...deployments.values()].reduce((sum, one) => sum + one.statuses.length, 0);
  return { deployments: told, statuses: statuses.length, issues: issues.size };
}

const play = (scene: Scene, allowed: Allowed): Promise<Played> => inTurn(() => playNow(scene, allowed));

async function playNow(scene: Scene, allowed: Allowed): Promise<Played> {
  const service = await openService(actions);
  try {
    await scene.prepare(service);
    const [requests, entries, shown] = [
      service.github.requests().length,
      service.entries().length,
      shownOn(service),
    ];
    const step = await service.play(scene.action, scene.inputs, allowed);
    expect(service.github.violations(), 'what GitHub does not describe').toEqual([]);
    const now = Object.entries(shownOn(service)).map(([what, count]) => [what, count - (shown[what] ?? 0)]);
    return {
      step,
      shareOfB: await service.shareOfB(),
      entries: service.entries().length - entries,
      shown: Object.fromEntries(now),
      asked: service.github
        .requests()
        .slice(requests)
        .map(({ operationId }) => operationId ?? 'none'),
    };
  } finally {
    await service.close();
  }
}

const endOf = ({ step, shareOfB }: Played) => [step.outputs['reason-code'], step.code, shareOfB];
const namesMissing = (key: string): RegExp => new RegExp(`permissions: \\{ ${key}: (read|write) \\}`);

const asked = new Map<Action, Set<string>>();

describe.concurrent('with exactly the permissions of its README', () => {
  it.each([...SCENES, ...BESIDES])('$name goes as it must, and lacks nothing', async (scene) => {
    const played = await play(scene, least(scene.action));
    expect(endOf(played), played.step.log).toEqual(scene.ends);
    expect(played.step.log).not.toContain('permissions: {');
    for (const what of scene.shows) expect(played.shown[what], what).toBeGreaterThan(0);
    asked.set(scene.action, new Set([...(asked.get(scene.action) ?? []), ...played.asked]));
  });
});

describe('what was really asked of GitHub', () => {
  it.each(['canary', 'rollback', 'reconcile'] as const)(
    'by %s is what its table lists, no more and no less',
    (action) => {
      const listed = ACTIONS[action].routes.map(operationOf).filter((one) => RARE[one] === undefined);
      const seen = [...(asked.get(action) ?? [])].filter((one) => RARE[one] === undefined);
      expect(seen.sort()).toEqual(listed.sort());
    },
  );
});

const LESS = SCENES.flatMap((scene) =>
  (['deployments', 'statuses', 'issues', 'contents', 'contents: write'] as const).map((missing) => ({
    name: scene.name,
    scene,
    missing,
  })),
).filter((_, place) => isRun(place));

describe.concurrent('with one permission taken away', () => {
  it.each(LESS)('$missing: $name', async ({ scene, missing }) => {
    if (missing === 'contents') return expectNothing(scene);
    if (missing === 'contents: write') return expectUnwritten(scene);
    const played = await play(scene, without(scene.action, missing));
    expect(endOf(played), played.step.log).toEqual(scene.ends);
    expect(played.shown[missing]).toBe(0);
    const wanted = scene.shows.find((one) => one === missing);
    if (wanted === undefined) expect(played.step.log).not.toContain('permissions: {');
    else expect(played.step.log).toMatch(namesMissing(missing));
    for (const other of scene.shows)
      if (other !== missing) expect(played.shown[other], other).toBeGreaterThan(0);
  });

  it.each([
    ['reconcile of a rollout that was left', 'nothing-to-do', 0],
    ['a canary that finds a rollout left by another run', 'rollout-in-progress', 1],
    ['a rollback that finds another one left', 'restored', 0],
  ])(
    'actions: %s says what it could not ask, and takes nothing from who may be alive',
    async (name, code, exit) => {
      const scene = [...SCENES, ...BESIDES].find((one) => one.name === name);
      if (scene === undefined) throw new Error(`no scene ${name}`);
      const { step, shareOfB, entries } = await play(scene, without(scene.action, 'actions'));
      expect([step.outputs['reason-code'], step.code], step.log).toEqual([code, exit]);
      expect(step.log).toMatch(namesMissing('actions'));
      // Of two rollbacks at once, each leads home: only a rollout that somebody may still drive is left alone.
      if (code !== 'restored') expect([shareOfB, entries]).toEqual([50, 0]);
    },
  );

  it('actions: reconcile takes over as soon as the router says that nobody holds it any more', async () => {
    const scene = SCENES.find(({ action }) => action === 'reconcile');
    if (scene === undefined) throw new Error('no scene');
    const prepare: Scene['prepare'] = async (service) => {
      await service.leave('rollout');
      await service.letGo();
    };
    const { step, shareOfB } = await play({ ...scene, prepare }, without('reconcile', 'actions'));
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'owner-lost' } });
    expect(shareOfB).toBe(0);
  });
});

/** The ledger cannot even be read. */
async function expectNothing(scene: Scene): Promise<void> {
  const played = await play(scene, without(scene.action, 'contents'));
  // The router holds a lease that says where home is: a rollback needs no ledger for that.
  const blind = scene.name === 'a rollback of a rollout in progress';
  expect(played.step.outputs['reason-code']).toBe(blind ? 'restored' : 'ledger-unavailable');
  expect(played.step.code).toBe(blind ? 0 : 1);
  expect(played.step.log).toMatch(namesMissing('contents'));
  expect(played.shown).toEqual({ deployments: 0, statuses: 0, issues: 0 });
  expect(played.entries).toBe(0);
}

/** The ledger can be read, and not written: nothing is begun, but nothing keeps traffic from going home. */
async function expectUnwritten(scene: Scene): Promise<void> {
  const played = await play(scene, { ...least(scene.action), contents: 'read' });
  const [code, share] = scene.unwritten ?? ['ledger-unavailable', 0];
  expect([played.step.outputs['reason-code'], played.shareOfB], played.step.log).toEqual([code, share]);
  expect(played.step.log).toMatch(namesMissing('contents'));
  expect(played.entries).toBe(0);
  if (scene.unwritten === undefined) expect(played.shown).toEqual({ deployments: 0, statuses: 0, issues: 0 });
}
