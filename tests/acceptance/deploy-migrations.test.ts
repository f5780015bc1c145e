import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployStage, type Scene } from '../support/deploy-stage.ts';

/** The migration tool itself. */
const dbmate =
  (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, 'dbmate'))
    .find(existsSync) ?? null;
const needs = dbmate === null ? ' (skipped: needs dbmate)' : '';

let stage: Awaited<ReturnType<typeof deployStage>>;
beforeAll(async () => {
  stage = await deployStage();
}, 60_000);
afterAll(() => stage.remove());

const config =
  (name: string) =>
  ({ place, port }: Scene): string =>
    `version: 1
service: booking
checklists:
  production:
    - { check: migrations, service: back-end }
deploy:
  staging: &place
    record: { type: file, path: '${place}/record' }
    services:
      back-end:
        migrate:
          run: [${dbmate}, --no-dump-schema, up]
          dry-run: [${dbmate}, status]
          state: [${dbmate}, status]
        deploy: [node, deploy/deploy.mjs, "{version}"]
        env:
          PORT: '${port}'
          PLACE: '${place}'
          DATABASE_URL: 'sqlite:${place}/data.sqlite'
          DBMATE_MIGRATIONS_DIR: 'db/${name}'
        health: { url: 'http://127.0.0.1:${port}/healthz', version-field: version, interval: 20ms, deadline: 5s }
  production: *place
migrations:
  back-end: { files: 'db/${name}/*.sql', dialect: sqlite, markers: dbmate }
`;

const migration = (name: string, up: string, down: string): void =>
  stage.write(`db/${name}`, `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`);

const FIRST = ['CREATE TABLE bookings (id INTEGER PRIMARY KEY);', 'DROP TABLE bookings;'] as const;

describe.skipIf(dbmate === null)(`a real migration tool${needs}`, () => {
  it('migrates forward, the way back in its files is not judged, and a broken one is told with its state', async () => {
    migration('tool/20260101000001_first.sql', ...FIRST);
    stage.commit();
    const scene = await stage.scene(config('tool'));
    const told = await stage.deploy(scene);
    expect(told.code).toBe(0);
    const of = (check: string) => told.result?.findings.find((one) => one.check === check);
    expect(of('back-end-dry-run')?.detail).toContain('[ ] 20260101000001_first.sql');
    expect(of('back-end-migrate')?.detail).toContain('Applied: 20260101000001_first.sql');
    migration('tool/20260101000002_second.sql', 'ALTER TABLE no_such_table ADD COLUMN price INTEGER;', '');
    stage.commit();
    const failed = await stage.deploy(scene, { version: 'v1.1.0' });
    expect(failed.outputs.failed).toBe('back-end-migrate');
    const state = failed.result?.findings.find((one) => one.check === 'back-end-database');
    expect(state?.detail).toContain('[ ] 20260101000002_second.sql');
    expect(stage.deployed(scene)).toEqual(['v1.0.0']);
  });
});

describe.skipIf(dbmate === null)(`the check \`migrations\`${needs}`, () => {
  it('says yes to what staging ran at this commit, and no to everything else', async () => {
    migration('check/20260101000001_first.sql', ...FIRST);
    const first = stage.commit();
    const scene = await stage.scene(config('check'));
    const ask = async (sha: string): Promise<string> => {
      const inputs = { config: scene.config, environment: 'production', sha };
      const { outputs } = await stage.preflight(inputs, { GITHUB_SHA: sha });
      return `${outputs.verdict}: ${JSON.parse(outputs.result ?? '{}').findings?.[0]?.observed}`;
    };
    expect(await ask(first)).toBe('fail: nothing was deployed to staging');
    await stage.deploy(scene);
    expect(await ask(first)).toMatch(/^pass: run in staging with #\S+, 1 change in 1 file/);
    migration('check/20260101000002_second.sql', 'ALTER TABLE bookings ADD COLUMN price INTEGER;', '');
    const second = stage.commit();
    expect(await ask(second)).toBe(`fail: staging has v1.0.0 (${first.slice(0, 7)})`);
  });
});
