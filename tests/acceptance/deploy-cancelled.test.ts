import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileRecord } from '../../src/adapters/ledger/file-record.ts';
import { systemClock } from '../../src/adapters/runner/clock.ts';
import { deployStage, type Scene } from '../support/deploy-stage.ts';

let stage: Awaited<ReturnType<typeof deployStage>>;
beforeAll(async () => {
  stage = await deployStage();
}, 60_000);
afterAll(() => stage.remove());

/** It and a child of its own wait for ever, and do not listen to SIGINT, as a program that ignores it does. */
const STUBBORN = `trap '' INT
sleep 300 &
echo "$$ $!" > "$PLACE/pids"
wait
`;

/** Goes on when the test says so. */
const WAITS = 'while [ ! -e "$PLACE/go" ]; do sleep 0.05; done\n';

interface Programs {
  readonly deploy?: string;
  readonly migrate?: string;
}

const DEPLOYS = '[node, deploy/deploy.mjs, "{version}"]';

const configOf =
  ({ deploy = DEPLOYS, migrate }: Programs) =>
  ({ place, port }: Scene): string =>
    `version: 1
service: booking
deploy:
  staging:
    record: { type: file, path: '${place}/record' }
    services:
      back-end:
        ${migrate === undefined ? '' : `migrate: { run: ${migrate}, state: [echo, half way] }`}
        deploy: ${deploy}
        env: { PORT: '${port}', PLACE: '${place}' }
        health: { url: 'http://127.0.0.1:${port}/healthz', version-field: version, interval: 20ms, deadline: 5s }
`;

const recorded = async ({ place }: Scene) => {
  const where = { path: join(place, 'record'), environment: 'staging', service: 'back-end' };
  const all = await fileRecord({ ...where, clock: systemClock }).history(new AbortController().signal);
  return all.map(({ version, state }) => [version, state]);
};

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

/** Dead, or a zombie that nobody has reaped. */
function hasEnded(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

async function pidsIn({ place }: Scene): Promise<readonly number[]> {
  const file = join(place, 'pids');
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  return readFileSync(file, 'utf8').trim().split(' ').map(Number);
}

describe('a deployment that is cancelled', () => {
  it.each([
    {
      phase: 'deploy',
      programs: { deploy: '[sh, deploy/stubborn.sh]' },
      state: 'which version answers was not asked; before, it was v1.0.0',
      deployed: ['v1.0.0'],
    },
    {
      phase: 'migrate',
      programs: { migrate: '[sh, deploy/stubborn.sh]' },
      state: 'migrations: failed; which version answers was not asked; before, it was v1.0.0',
      deployed: ['v1.0.0'],
    },
  ])(
    'in the middle of $phase ends the program with its children, and leaves a failure and the state of things',
    async ({ phase, programs, state, deployed }) => {
      stage.write('deploy/stubborn.sh', STUBBORN);
      const scene = await stage.scene(configOf({}));
      expect((await stage.deploy(scene)).code).toBe(0);
      stage.write(scene.config, configOf(programs)(scene));
      const { child, ended } = await stage.begin(scene, { version: 'v1.1.0' });
      const pids = await pidsIn(scene);
      expect(pids).toHaveLength(2);
      child.kill('SIGINT');
      const { code, outputs, result, log } = await ended;
      expect([code, outputs['reason-code'], outputs.verdict], log).toEqual([1, 'cancelled', 'inconclusive']);
      expect(pids.map(hasEnded)).toEqual([true, true]);
      const found = (check: string) => result?.findings.find((one) => one.check === `back-end-${check}`);
      expect(found(phase)).toMatchObject({ status: 'error' });
      expect(found('state')?.observed).toBe(state);
      expect(found('record')).toMatchObject({ status: 'skipped' });
      if (phase === 'migrate') expect(found('database')?.observed).toBe('not known: the run was cancelled');
      expect(await recorded(scene)).toEqual([
        ['v1.1.0', 'failure'],
        ['v1.0.0', 'success'],
      ]);
      expect(stage.deployed(scene)).toEqual(deployed);
    },
  );

  it('can be done again: the run that was cancelled is nobody to wait for', async () => {
    stage.write('deploy/stubborn.sh', STUBBORN);
    const scene = await stage.scene(configOf({ deploy: '[sh, deploy/stubborn.sh]' }));
    const { child, ended } = await stage.begin(scene);
    await pidsIn(scene);
    child.kill('SIGINT');
    expect((await ended).code).toBe(1);
    stage.write(scene.config, configOf({})(scene));
    expect((await stage.deploy(scene)).code).toBe(0);
    expect(await recorded(scene)).toEqual([['v1.0.0', 'success']]);
  });
});

describe('two deployments of one service that begin at once', () => {
  it('do not both go on: one yields and names the other, and exactly one deploys', async () => {
    stage.write('deploy/waits.sh', WAITS);
    const scene = await stage.scene(configOf({ deploy: `[[sh, deploy/waits.sh], ${DEPLOYS}]` }));
    const steps = await Promise.all(
      ['v1.0.0', 'v1.1.0'].map((version) => stage.begin(scene, { version }, { GITHUB_ACTOR: version })),
    );
    // The one that goes on waits: only the one that yields can end.
    const first = await Promise.race(steps.map(({ ended }) => ended));
    expect([first.code, first.outputs.failed], first.log).toEqual([1, 'back-end-rivals']);
    expect(stage.deployed(scene)).toEqual([]);
    writeFileSync(join(scene.place, 'go'), '');
    const all = await Promise.all(steps.map(({ ended }) => ended));
    expect(all.map(({ code }) => code).sort()).toEqual([0, 1]);
    const winner = all[0]?.code === 0 ? 'v1.0.0' : 'v1.1.0';
    expect(stage.deployed(scene)).toEqual([winner]);
    expect(first.log).toContain(`deploys ${winner} now`);
    expect(await recorded(scene)).toContainEqual([winner, 'success']);
  });
});
