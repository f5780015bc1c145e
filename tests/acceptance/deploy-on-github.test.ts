import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS, leastFor } from '../../src/adapters/github/permission-table.ts';
import { deployStage, type Scene } from '../support/deploy-stage.ts';
import type { GitHub } from '../support/github/github.ts';
import { githubForTest } from '../support/github/in-test.ts';
import type { Access } from '../support/github/permissions.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';

let stage: Awaited<ReturnType<typeof deployStage>>;
beforeAll(async () => {
  stage = await deployStage();
}, 60_000);
afterAll(() => stage.remove());

const LEAST: Readonly<Record<string, Access>> = Object.fromEntries(
  leastFor([ACTIONS.deploy]).map(({ key, level }) => [key, level]),
);
const without = (missing: string): Readonly<Record<string, Access>> =>
  Object.fromEntries(Object.entries(LEAST).filter(([key]) => key !== missing));

const config = ({ place, port }: Scene): string => `version: 1
service: booking
deploy:
  staging:
    url: https://staging.example.com
    services:
      back-end:
        deploy: [node, deploy/deploy.mjs, "{version}"]
        env: { PORT: '${port}', PLACE: '${place}' }
        health: { url: 'http://127.0.0.1:${port}/healthz', version-field: version, interval: 20ms, deadline: 5s }
`;

async function onGitHub(permissions: Readonly<Record<string, Access>> = LEAST) {
  const github = await githubForTest();
  seedRepository(github);
  const sha = github.seed.commit(REPOSITORY, { files: { 'a.txt': 'a' } });
  const run = github.seed.workflowRun(REPOSITORY);
  const job = {
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'staging',
    GITHUB_ACTOR: 'ann',
  };
  const env: NodeJS.ProcessEnv = { ...jobEnv(github, { permissions }), ...job };
  return { github, sha, env, scene: await stage.scene(config) };
}

const shown = (github: GitHub) =>
  [...github.repository(REPOSITORY).deployments.values()].map(({ statuses }) =>
    statuses.map(({ state }) => state),
  );

describe('deploy with its record on GitHub', () => {
  it('asks for nothing that its README does not name, and the superseded deployment becomes inactive', async () => {
    const { github, sha, env, scene } = await onGitHub();
    expect((await stage.deploy(scene, { sha }, env)).code).toBe(0);
    const second = await stage.deploy(scene, { sha, version: 'v1.1.0' }, env);
    expect(second).toMatchObject({ code: 0, outputs: { url: 'https://staging.example.com' } });
    expect(shown(github)).toEqual([
      ['in_progress', 'success', 'inactive'],
      ['in_progress', 'success'],
    ]);
    const [, last] = [...github.repository(REPOSITORY).deployments.values()];
    expect(second.outputs['deployment-id']).toBe(String(last?.id));
    expect(last?.statuses.at(-1)).toMatchObject({ environmentUrl: 'https://staging.example.com' });
  });

  it('without the right to write deployments touches nothing, and names the right', async () => {
    const { github, sha, env, scene } = await onGitHub(without('deployments'));
    const told = await stage.deploy(scene, { sha }, env);
    expect(told.code).toBe(1);
    expect(told.log).toMatch(/permissions: \{ deployments: (read|write) \}/);
    expect(stage.deployed(scene)).toEqual([]);
    expect(shown(github)).toEqual([]);
  });

  it('with deployments: read alone touches nothing, and names the right', async () => {
    const { github, sha, env, scene } = await onGitHub({ ...LEAST, deployments: 'read' });
    const told = await stage.deploy(scene, { sha }, env);
    expect(told.log).toContain('permissions: { deployments: write }');
    expect(stage.deployed(scene)).toEqual([]);
    expect(shown(github)).toEqual([]);
  });

  it('yields to another run that deploys the same service and still lives; without actions: read it says so', async () => {
    const { github, sha, env, scene } = await onGitHub();
    const other = github.seed.workflowRun(REPOSITORY, { status: 'in_progress' });
    const owner = {
      ...{ id: `${other}-1-staging-x`, kind: 'github-run', runId: String(other), host: 'elsewhere', pid: 1 },
      ...{ processStart: 'linux|b|n|1', name: 'bob' },
    };
    const payload = {
      schema: 1,
      kind: 'deploy',
      service: 'back-end',
      version: 'v0.9.0',
      migrations: null,
      owner,
    };
    const created = await fetch(`${github.url}/repos/${REPOSITORY}/deployments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.GITHUB_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ref: sha,
        environment: 'staging',
        auto_merge: false,
        required_contexts: [],
        payload,
      }),
    });
    expect(created.status).toBe(201);
    const told = await stage.deploy(scene, { sha }, env);
    expect(told.outputs.failed).toBe('back-end-rivals');
    expect(told.log).toContain('bob deploys v0.9.0 now');
    expect(stage.deployed(scene)).toEqual([]);
    const blind = await stage.deploy(
      scene,
      { sha },
      { ...env, ...jobEnv(github, { permissions: without('actions') }) },
    );
    expect(blind.code).toBe(1);
    expect(blind.log).toContain('permissions: { actions: read }');
  });

  it('that fails is recorded as a failure, and the one before stays the active one', async () => {
    const { github, sha, env, scene } = await onGitHub();
    await stage.deploy(scene, { sha }, env);
    stage.write(scene.config, config(scene).replace('PLACE:', 'FLAW: old-version, PLACE:'));
    expect((await stage.deploy(scene, { sha, version: 'v1.1.0' }, env)).code).toBe(1);
    expect(shown(github)).toEqual([
      ['in_progress', 'success'],
      ['in_progress', 'failure'],
    ]);
  });
});
