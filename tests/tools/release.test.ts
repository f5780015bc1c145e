import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import semver from 'semver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notesOf, withRelease } from '../../tools/release/changelog.ts';
import { actionProblems, versionProblems } from '../../tools/release/check.ts';
import { planRelease, type Tag, versionOf } from '../../tools/release/plan.ts';
import { changedIn, git, tagsOf } from '../../tools/release/repository.ts';

const tag = (name: string, commit: string): Tag => ({ name, commit });

describe('a plan for a release', () => {
  it.each([
    ['v1.0.0', [], 'v1', 'the first of all'],
    ['v1.1.0', [tag('v1.0.0', 'a'), tag('v1', 'a')], 'v1', 'the next one'],
    ['v2.0.0', [tag('v1.0.0', 'a'), tag('v1', 'a')], 'v2', 'a new major version'],
    ['v1.0.1', [tag('v1.1.0', 'b'), tag('v1', 'b')], null, 'a repair of an older one'],
    ['v1.2.0-rc.1', [tag('v1.1.0', 'b'), tag('v1', 'b')], null, 'a prerelease'],
    ['v1.1.0', [tag('v1.1.0', 'new'), tag('v1', 'new')], null, 'one that was made already'],
    ['v1.1.0', [tag('v1.1.0', 'new'), tag('v1', 'a')], 'v1', 'one whose last step was missing'],
  ] as const)('%s, with %j there: %s moves (%s)', (name, tags, moves) => {
    const plan = planRelease(name, 'new', tags);
    expect(plan.ok && (plan.moves?.tag ?? null)).toBe(moves);
  });

  it.each(['v1', 'v1.2', '1.2.3', 'v1.2.3+build', 'v01.2.3', 'release', ''])('is refused for %j', (name) => {
    expect(planRelease(name, 'new', []).ok).toBe(false);
    expect(versionOf(name)).toBeNull();
  });

  it('is refused for a version that another commit was released as', () => {
    const problem = expect.stringContaining('expected v1.0.0 at new, saw it at old');
    expect(planRelease('v1.0.0', 'new', [tag('v1.0.0', 'old')])).toEqual({ ok: false, problems: [problem] });
  });

  it('never takes the tag that people follow back to an older version, whatever the order of releases', () => {
    const version = fc
      .tuple(fc.nat(2), fc.nat(3), fc.nat(3), fc.boolean())
      .map(([major, minor, patch, pre]) => `v${major}.${minor}.${patch}${pre ? '-rc.1' : ''}`);
    fc.assert(
      fc.property(fc.uniqueArray(version, { minLength: 1, maxLength: 12 }), (releases) => {
        const tags = new Map<string, string>();
        for (const name of releases) {
          const all = [...tags].map(([one, commit]) => tag(one, commit));
          const plan = planRelease(name, name, all);
          if (!plan.ok) throw new Error(plan.problems.join());
          tags.set(name, name);
          if (plan.moves !== null) tags.set(plan.moves.tag, name);
        }
        for (const [name, commit] of tags) {
          if (versionOf(name) !== null) continue;
          const versions = releases.flatMap((one) => versionOf(one) ?? []);
          const peers = versions.filter((one) => `v${semver.major(one)}` === name && !one.includes('-'));
          expect(commit).toBe(`v${semver.rsort(peers)[0]}`);
        }
      }),
    );
  });
});

describe('the changelog of a release', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n### Added\n- A thing.\n\n## 1.0.0 - 2026-01-02\n\n- The first.\n\n## 0.9.0 - 2025-01-02\n\nNothing.\n\n## 0.8.0\n\n- No date.\n';

  it('is the section of its version', () =>
    expect(notesOf(changelog, '1.0.0')).toEqual({ ok: true, notes: '- The first.' }));
  it.each([
    ['1.1.0', 'expected a section for 1.1.0'],
    ['0.9.0', 'expected entries under 0.9.0'],
    ['0.8.0', 'expected a date in the heading of 0.8.0'],
  ])('of %s is refused: %s', (version, problem) => {
    const told = notesOf(changelog, version);
    expect(told.ok ? '' : told.problem).toContain(problem);
  });
  it('is made of what was unreleased', () => {
    const told = notesOf(withRelease(changelog, '1.1.0', '2026-02-03'), '1.1.0');
    expect(told).toMatchObject({ ok: true, notes: expect.stringContaining('A thing') });
  });
});

describe('a checkout that is to be released', () => {
  let folder: string;
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const asSomebody = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  const action = 'name: x\ndescription: x\nruns: { using: node24, main: main.mjs }\n';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-test-'));
    execFileSync('git', ['init', '-q', folder]);
    for (const path of ['package.json', 'package-lock.json']) write(path, '{ "version": "1.0.0" }');
    write('action.yml', action.replace('main.mjs', 'actions/x/main.mjs'));
    write('actions/x/action.yml', action);
    write('actions/x/main.mjs', '');
    git(folder, 'add', '-A');
    git(folder, ...asSomebody, 'commit', '-q', '-m', 'x');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused with another version in either file', () => {
    expect(versionProblems(folder, '1.0.0')).toEqual([]);
    write('package-lock.json', '{ "version": "0.9.0" }');
    const problem = expect.stringContaining('expected version 1.0.0 in package-lock.json, saw 0.9.0');
    expect(versionProblems(folder, '1.0.0')).toEqual([problem]);
  });

  it('is refused with an action whose runtime, name or file is not there', () => {
    expect(actionProblems(folder)).toEqual([]);
    write('actions/x/action.yml', action.replace('node24', 'node20').replace('description: x\n', ''));
    write('action.yml', action.replace('main.mjs', 'actions/x/gone.mjs'));
    write('actions/x/gone.mjs', 'not committed');
    expect(actionProblems(folder)).toEqual([
      'expected actions/x/gone.mjs, which action.yml names, to be committed',
      'expected a name and a description in actions/x/action.yml',
      'expected using: node24 in actions/x/action.yml, saw node20',
    ]);
  });

  it('shows every file that a build has changed, new ones too', () => {
    expect(changedIn(folder, '.')).toEqual([]);
    write('dist/790.index.js', 'a chunk that nobody asked for');
    expect(changedIn(folder, '.')).toEqual(['?? dist/790.index.js']);
  });

  it('knows the commit behind an annotated tag', () => {
    git(folder, ...asSomebody, 'tag', '-a', 'v1.0.0', '-m', 'x');
    expect(tagsOf(folder, folder)).toEqual([tag('v1.0.0', git(folder, 'rev-parse', 'HEAD'))]);
  });
});
