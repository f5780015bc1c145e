import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FileFacts, gitFiles } from '../../../src/adapters/migrations/git-files.ts';
import { matchesGlob } from '../../../src/adapters/migrations/glob.ts';
import { judgedMigrations } from '../../../src/adapters/migrations/judged-migrations.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import type { MigrationSpec } from '../../../src/ports/migrations.ts';

const never = new AbortController().signal;
const noFacts = (): FileFacts => {
  throw new Error('expected nobody to ask GitHub');
};
const SPEC: MigrationSpec = {
  ...{ name: 'back-end', files: ['db/*.sql'], dialect: 'postgresql', markers: null, baseline: null },
  ...{ waivers: [], compatible: null },
};

function repository() {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (cwd: string, ...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd,
      encoding: 'utf8',
    }).trim();
  const origin = join(folder, 'origin');
  mkdirSync(join(origin, 'db'), { recursive: true });
  git(origin, 'init', '-q');
  const commit = (name: string, text: string): string => {
    writeFileSync(join(origin, 'db', name), text);
    git(origin, 'add', '-A');
    git(origin, 'commit', '-q', '-m', name);
    return git(origin, 'rev-parse', 'HEAD');
  };
  const migrations = (baseDir: string, facts: () => FileFacts, spec: Partial<MigrationSpec> = {}) => {
    const context = { baseDir, commands: runCommand, env: process.env, clock: systemClock };
    const around = { ...context, service: 'back-end', environment: 'staging' };
    return judgedMigrations({ ...SPEC, ...spec }, gitFiles(around, facts), around);
  };
  return { folder, origin, git, commit, migrations };
}

describe('migrations in a clone', () => {
  it('are judged as they are in the commit: those that the running version has not, and no others', async () => {
    const { origin, commit, migrations } = repository();
    const first = commit('1 – ältere.sql', 'DROP TABLE old;');
    const second = commit('2.sql', 'CREATE TABLE a (id int);');
    writeFileSync(join(origin, 'db', '3.sql'), 'DROP TABLE not_committed;');
    const here = migrations(origin, noFacts);
    const ids = (all: Awaited<ReturnType<typeof here.judge>>) => all.map(({ answer }) => answer.observed);
    expect(ids(await here.judge({ commit: second, running: first }, never))).toEqual([
      '1 change in 1 file: db/2.sql',
    ]);
    expect(ids(await here.judge({ commit: second, running: null }, never))).toEqual([
      'db/1 – ältere.sql:1 DROP TABLE old',
    ]);
    const based = migrations(origin, noFacts, { baseline: 'db/1 – ältere.sql' });
    expect(ids(await based.judge({ commit: second, running: null }, never))).toEqual([
      '1 change in 1 file: db/2.sql',
    ]);
    expect(await here.at(first, never)).not.toEqual(await here.at(second, never));
  });

  it('of a type that an earlier file tells are judged with it', async () => {
    const { origin, commit, migrations } = repository();
    const first = commit('1.sql', 'CREATE TABLE a (code varchar(10));');
    const second = commit('2.sql', 'ALTER TABLE a ALTER COLUMN code TYPE varchar(20);');
    const found = await migrations(origin, noFacts).judge({ commit: second, running: first }, never);
    expect(found.map(({ answer }) => answer.status)).toEqual(['pass']);
  });

  it('that is shallow are asked for where the repository lives, and without that it is named with its cure', async () => {
    const { folder, origin, git, commit, migrations } = repository();
    const first = commit('1.sql', 'CREATE TABLE a (id int);');
    const second = commit('2.sql', 'DROP TABLE a;');
    const shallow = join(folder, 'shallow');
    git(folder, 'clone', '-q', '--depth', '1', `file://${origin}`, shallow);
    const blind = migrations(shallow, noFacts).judge({ commit: second, running: first }, never);
    await expect(blind).rejects.toThrow('fetch-depth: 0');
    const fileAt: FileFacts['fileAt'] = async (path) =>
      path === 'db/1.sql' ? 'CREATE TABLE a (id int);' : null;
    const facts = (): FileFacts => ({ fileAt });
    const found = await migrations(shallow, facts).judge({ commit: second, running: first }, never);
    expect(found.map(({ id }) => id)).toEqual(['back-end-drop-2-1']);
  });

  it('that are no SQL are skipped, and a program of their own may judge them', async () => {
    const { origin, commit, migrations } = repository();
    const sha = commit('1.js', 'db.dropDatabase()');
    const asked = { argv: ['sh', '-c', 'test "$DEPLOY_CANARY_SHA" = none'], envFrom: [], timeout: 5_000 };
    const found = await migrations(origin, noFacts, {
      dialect: null,
      files: ['db/*.js'],
      compatible: asked,
    }).judge({ commit: sha, running: null }, never);
    expect(found.map(({ answer }) => answer.status)).toEqual(['skipped', 'fail']);
  });

  it('in no clone at all are an error and no silence', async () => {
    const { folder, migrations } = repository();
    await expect(migrations(folder, noFacts).at('a'.repeat(40), never)).rejects.toThrow('checkout');
  });
});

describe('a pattern', () => {
  it.each([
    ['db/*.sql', 'db/1.sql', true],
    ['db/*.sql', 'db/old/1.sql', false],
    ['db/**/*.sql', 'db/old/1.sql', true],
    ['db/**/*.sql', 'db/1.sql', true],
    ['./db/?.sql', 'db/1.sql', true],
    ['db/[1].sql', 'db/1.sql', false],
    ['db/*.sql', 'db/1.sql.bak', false],
  ])('%s means %s: %s', (pattern, path, expected) => {
    expect(matchesGlob(pattern, path)).toBe(expected);
  });
});
