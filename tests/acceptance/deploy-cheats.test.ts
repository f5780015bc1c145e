import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun } from '../support/can-run.ts';
import { deployStage, type Scene, type Told } from '../support/deploy-stage.ts';

const hasSqlite = canRun('sqlite3', '--version');
const needsSqlite = hasSqlite ? '' : ' (skipped: needs sqlite3)';

let stage: Awaited<ReturnType<typeof deployStage>>;
beforeAll(async () => {
  stage = await deployStage();
}, 60_000);
afterAll(() => stage.remove());

interface Wish {
  readonly flaw?: string;
  readonly deploy?: string;
  readonly timeout?: string;
  readonly migrate?: readonly string[];
  readonly migrations?: readonly string[];
  readonly smoke?: boolean;
  readonly health?: readonly string[];
}

const configOf =
  (wish: Wish) =>
  ({ place, port, migrations }: Scene): string =>
    [
      'version: 1',
      'service: booking',
      'deploy:',
      '  staging:',
      `    record: { type: file, path: '${place}/record' }`,
      '    services:',
      '      back-end:',
      `        deploy: ${wish.deploy ?? '[node, deploy/deploy.mjs, "{version}"]'}`,
      `        env: { PORT: '${port}', PLACE: '${place}', FLAW: '${wish.flaw ?? ''}', MIGRATIONS: '${migrations}' }`,
      `        timeout: ${wish.timeout ?? '30s'}`,
      ...(wish.migrate ?? []).map((line) => `        ${line}`),
      '        health:',
      `          url: http://127.0.0.1:${port}/healthz`,
      '          version-field: version',
      '          interval: 20ms',
      '          deadline: 1s',
      '          assert: [{ path: status, equals: ok }]',
      ...(wish.health ?? []).map((line) => `          ${line}`),
      ...(wish.smoke === true
        ? [
            '        smoke:',
            `          - { check: http, id: book, title: A booking, url: 'http://127.0.0.1:${port}/book', assert: [{ path: booked, equals: true }] }`,
          ]
        : []),
      ...(wish.migrations ?? []),
    ].join('\n');

const frontEnd =
  (flaw: string) =>
  ({ place, port }: Scene): string =>
    `version: 1
service: booking
deploy:
  staging:
    url: http://127.0.0.1:${port}/
    record: { type: file, path: '${place}/record' }
    services:
      front-end:
        deploy: [[node, -e, "console.log('built')"], [node, deploy/deploy.mjs, "{version}"]]
        env: { PORT: '${port}', PLACE: '${place}', FLAW: '${flaw}' }
        served:
          url: http://127.0.0.1:${port}/
          version: { pattern: 'name="version" content="([^"]+)"' }
          headers: { cache-control: no-cache }
          interval: 20ms
          deadline: 500ms
`;

const statuses = ({ result }: Told): Readonly<Record<string, string>> =>
  Object.fromEntries((result?.findings ?? []).map(({ check, status }) => [check, status]));
const finding = ({ result }: Told, check: string) => result?.findings.find((one) => one.check === check);

/** A service in which only this is wrong, as the action sees it. */
async function tried(wish: Wish, inputs: Readonly<Record<string, string>> = {}): Promise<Told> {
  return stage.deploy(await stage.scene(configOf(wish)), inputs);
}

describe('a deployment in which all is well', () => {
  it('is green phase by phase, told in groups of the log, and its programs give the runner no commands', async () => {
    const scene = await stage.scene(configOf({ smoke: true }));
    const told = await stage.deploy(scene);
    expect(statuses(told)).toEqual({
      'back-end-order': 'pass',
      'back-end-begin': 'pass',
      'back-end-deploy': 'pass',
      'back-end-health': 'pass',
      'back-end-version': 'pass',
      'back-end-answer': 'pass',
      'back-end-smoke-book': 'pass',
      'back-end-record': 'pass',
    });
    expect(told).toMatchObject({ code: 0, outputs: { verdict: 'pass', 'previous-version': '' } });
    expect(told.outputs['deployment-id']).not.toBe('');
    expect(told.log).toMatch(
      /::group::back-end: deploy\n::stop-commands::(\S+)\n[\s\S]*::set-output[\s\S]*\n::\1::\n/,
    );
    expect(told.summary).toContain('The deployment of back-end is green');
  });

  it('says what ran before, and done again it does nothing twice', async () => {
    const scene = await stage.scene(configOf({}));
    await stage.deploy(scene);
    const second = await stage.deploy(scene, { version: 'v1.1.0' });
    expect(second.outputs['previous-version']).toBe('v1.0.0');
    const again = await stage.deploy(scene, { version: 'v1.1.0' });
    expect(again.result?.services[0]).toMatchObject({ outcome: 'already' });
    expect(finding(again, 'back-end-deploy')?.observed).toBe('already: v1.1.0 answers');
    expect(again.outputs['deployment-id']).toBe(second.outputs['deployment-id']);
    expect(stage.deployed(scene)).toEqual(['v1.0.0', 'v1.1.0']);
    await stage.deploy(scene, { version: 'v1.1.0', force: 'true' });
    expect(stage.deployed(scene)).toHaveLength(3);
  });

  it('of a front end is seen as a browser sees it', async () => {
    const told = await stage.deploy(await stage.scene(frontEnd('')));
    expect(told.code).toBe(0);
    expect(finding(told, 'front-end-assets')?.observed).toBe('3 assets');
    expect(told.outputs.url).toMatch(/^http:/);
  });
});

describe.concurrent('deploy says no, and exits with 1, when', () => {
  it.each([
    ['the old version still answers', { flaw: 'old-version' }, 'back-end-version'],
    ['another version answers', { flaw: 'other-version' }, 'back-end-version'],
    ['the health is good now and bad then', { flaw: 'flaps' }, 'back-end-health'],
    ['the answer says that it is not well', { flaw: 'unwell' }, 'back-end-answer'],
    ['the program changes nothing', { flaw: 'nothing-changes' }, 'back-end-health'],
    ['the program fails', { deploy: '[node, -e, "process.exit(3)"]' }, 'back-end-deploy'],
    ['the program is not there', { deploy: '[./no-such-program]' }, 'back-end-deploy'],
    ['the program does not end', { deploy: '[sleep, "60"]', timeout: '300ms' }, 'back-end-deploy'],
    ['the program is killed', { deploy: '[sh, -c, "kill -9 $$"]' }, 'back-end-deploy'],
    ['the smoke test fails', { flaw: 'smoke', smoke: true }, 'back-end-smoke-book'],
    ['it is too slow', { health: ['max-latency: 1ms'], flaw: 'nothing-changes' }, 'back-end-latency'],
  ] as const)('%s', async (_, wish, check) => {
    const told = await tried(wish);
    expect(told).toMatchObject({ code: 1, outputs: { 'reason-code': expect.stringMatching(/^checks-/) } });
    expect(told.outputs.failed?.split(',')).toContain(check);
    expect(finding(told, 'back-end-record')?.status).toBe('skipped');
    expect(finding(told, 'back-end-state')?.observed).toMatch(/answers now/);
    expect(told.result?.services[0]?.outcome).toBe('failed');
  });

  it.each([
    ['the page carries an old marker', 'old-version', 'front-end-served-version'],
    ['a script of the page is missing', 'asset-missing', 'front-end-assets'],
    ['a page is served in place of a script', 'asset-is-page', 'front-end-assets'],
    ['the page may be kept by caches', 'cached-page', 'front-end-page-headers'],
  ])('%s', async (_, flaw, check) => {
    const told = await stage.deploy(await stage.scene(frontEnd(flaw)));
    expect(told.code).toBe(1);
    expect(told.outputs.failed).toBe(check);
  });

  it('the version is older than what runs, unless somebody says why', async () => {
    const scene = await stage.scene(configOf({}));
    await stage.deploy(scene, { version: 'v1.10.0' });
    const older = await stage.deploy(scene, { version: 'v1.9.0' });
    expect(older.code).toBe(1);
    expect(older.outputs.failed).toBe('back-end-order');
    expect(stage.deployed(scene)).toEqual(['v1.10.0']);
    const told = await stage.deploy(scene, {
      version: 'v1.9.0',
      'allow-downgrade': 'v1.10.0 loses bookings',
    });
    expect(told.code).toBe(0);
    expect(finding(told, 'back-end-order')).toMatchObject({ status: 'warn', code: 'overridden' });
  });

  it('nothing of it is configured there, and it says what is', async () => {
    const scene = await stage.scene(configOf({}));
    const told = await stage.deploy(scene, { environment: 'stagin' });
    expect(told.code).toBe(1);
    expect(told.log).toContain("did you mean 'staging'?");
  });

  it('the version could be more than a name to a shell', async () => {
    const told = await tried({}, { version: 'v1$(reboot)' });
    expect(told.code).toBe(1);
    expect(told.log).toContain('expected a commit SHA or a tag');
  });
});

const MIGRATE = ['migrate:', '  run: [sh, deploy/migrate.sh]', '  state: [sh, -c, "cat $PLACE/applied"]'];
const guarded = (name: string, more: readonly string[] = []): readonly string[] => [
  'migrations:',
  '  back-end:',
  `    files: db/${name}/*.sql`,
  '    dialect: sqlite',
  ...more.map((line) => `    ${line}`),
];

/** A service with migrations in a folder of their own. */
async function withMigrations(name: string, sql: string, more: readonly string[] = []) {
  stage.write(`db/${name}/0001.sql`, 'CREATE TABLE bookings (id INTEGER PRIMARY KEY, note TEXT);\n');
  stage.write(`db/${name}/0002.sql`, sql);
  stage.commit();
  const config = configOf({ migrate: MIGRATE, migrations: guarded(name, more) });
  return stage.scene((scene) => config({ ...scene, migrations: `db/${name}` }));
}

describe.skipIf(!hasSqlite)(`migrations${needsSqlite}`, () => {
  it('run before the new version starts, and their digest is recorded', async () => {
    const scene = await withMigrations('good', 'ALTER TABLE bookings ADD COLUMN price INTEGER;\n');
    const told = await stage.deploy(scene);
    expect(told.code).toBe(0);
    expect(finding(told, 'back-end-migrate')?.detail).toContain('applied db/good/0002.sql');
    expect(told.result?.services[0]?.migrations).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['drops a column', 'ALTER TABLE bookings DROP COLUMN note;', 'back-end-drop-0002-1', 'fail'],
    ['cannot be read', 'ALTER TABLE bookings DROP;', 'back-end-cannot-be-judged-0002-1', 'error'],
  ])('one that %s stops everything before it begins', async (name, sql, check, status) => {
    const scene = await withMigrations(name.replaceAll(' ', '-'), sql);
    const told = await stage.deploy(scene);
    expect(told.code).toBe(1);
    expect(finding(told, check)).toMatchObject({ status, observed: expect.stringContaining('0002.sql:1 ') });
    expect(stage.deployed(scene)).toEqual([]);
    expect(existsSync(join(scene.place, 'applied'))).toBe(false);
  });

  it('one that drops a column passes when a person answers for it, until the waiver ends', async () => {
    const waiver = (expires: string): string[] => [
      'waivers:',
      `  - { file: db/waived/0002.sql, rule: drop, person: Ann, reason: Nobody reads it since v0.9, expires: ${expires} }`,
    ];
    const sql = 'ALTER TABLE bookings DROP COLUMN note;';
    const told = await stage.deploy(await withMigrations('waived', sql, waiver('2099-01-01')));
    expect(told.code).toBe(0);
    expect(finding(told, 'back-end-drop-0002-1')?.detail).toContain('waived by Ann');
    const late = await stage.deploy(await withMigrations('waived', sql, waiver('2020-01-01')));
    expect(finding(late, 'back-end-drop-0002-1')).toMatchObject({ status: 'fail', code: 'waiver-expired' });
  });

  it('one that fails leaves the old version in place, and says in which state the database is', async () => {
    const scene = await withMigrations('failing', 'ALTER TABLE no_such_table ADD COLUMN price INTEGER;');
    const told = await stage.deploy(scene);
    expect(told.code).toBe(1);
    expect(told.outputs.failed).toBe('back-end-migrate');
    expect(finding(told, 'back-end-migrate')?.detail).toContain('no such table');
    expect(finding(told, 'back-end-database')?.detail).toContain('0001.sql');
    expect(stage.deployed(scene)).toEqual([]);
    expect(finding(told, 'back-end-state')?.observed).toContain('migrations: failed');
  });

  it('one that ran before and was edited since is seen', async () => {
    const scene = await withMigrations('edited', 'ALTER TABLE bookings ADD COLUMN price INTEGER;');
    expect((await stage.deploy(scene)).code).toBe(0);
    stage.write('db/edited/0002.sql', 'ALTER TABLE bookings ADD COLUMN cost INTEGER;');
    stage.commit();
    const told = await stage.deploy(scene, { version: 'v1.1.0' });
    expect(told.outputs.failed).toBe('back-end-edited-0002-1');
  });
});
