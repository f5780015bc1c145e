// A release from start to end on this machine: node --import ./tools/register.mjs tools/release/rehearse.ts
// Everything but the upload: a copy of the commit gets a version and a changelog, is checked as the release workflow does it, and its
// tags go to a scratch repository, where nothing may go back.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRelease } from './changelog.ts';
import { checkRelease } from './check.ts';
import { planRelease } from './plan.ts';
import { git, tagsOf } from './repository.ts';

const HOME = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'release-'));
const [checkout, remote] = [join(folder, 'checkout'), join(folder, 'remote.git')];
let failed = false;

function tell(what: string, problems: readonly string[]): void {
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${what}`);
  for (const problem of problems) console.log(`    ${problem}`);
  failed ||= problems.length > 0;
}

function commit(message: string): void {
  const name = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@example.com'];
  git(checkout, ...name, 'commit', '-q', '-a', '--allow-empty', '-m', message);
}

/** The commit of a release, as a person would make it. */
function prepare(version: string): void {
  for (const path of ['package.json', 'package-lock.json']) {
    const file = join(checkout, path);
    // The first version in either file is that of the package itself; the lock says it twice.
    const times = path === 'package.json' ? 1 : 2;
    let text = readFileSync(file, 'utf8');
    const { version: before } = JSON.parse(text);
    for (let time = 0; time < times; time += 1)
      text = text.replace(`"version": "${before}"`, `"version": "${version}" `);
    writeFileSync(file, text.replaceAll(`"version": "${version}" `, `"version": "${version}"`));
  }
  const changelog = join(checkout, 'CHANGELOG.md');
  writeFileSync(changelog, withRelease(readFileSync(changelog, 'utf8'), version, '2026-01-01'));
  commit(`Release ${version}`);
}

/** Publishes the tag, and moves the one that people follow when the plan says so. */
function publish(tag: string): void {
  const plan = planRelease(tag, git(checkout, 'rev-parse', 'HEAD'), tagsOf(checkout, remote));
  tell(`${tag} is published`, plan.ok ? [] : plan.problems);
  if (!plan.ok) return;
  git(checkout, 'push', '-q', remote, `HEAD:refs/tags/${tag}`);
  if (plan.moves !== null) git(checkout, 'push', '-q', '--force', remote, `HEAD:refs/tags/${plan.moves.tag}`);
}

const at = (name: string): string | undefined =>
  tagsOf(checkout, remote).find((tag) => tag.name === name)?.commit;
const expectAt = (name: string, wanted: string | undefined, what: string): void =>
  tell(
    what,
    at(name) === wanted
      ? []
      : [`expected ${name} at ${wanted ?? 'nothing'}, saw it at ${at(name) ?? 'nothing'}`],
  );

try {
  git(folder, 'clone', '-q', HOME, checkout);
  git(folder, 'init', '-q', '--bare', remote);
  // A copy: a link would change what the bundler writes.
  cpSync(join(HOME, 'node_modules'), join(checkout, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  prepare('1.0.0');
  for (const { what, problems } of checkRelease(checkout, 'v1.0.0', remote).checks) tell(what, problems);
  publish('v1.0.0');
  const first = at('v1.0.0');
  expectAt('v1', first, 'v1 follows the first release');
  publish('v1.0.0');
  expectAt('v1', first, 'the same release done again changes nothing');
  prepare('1.1.0');
  publish('v1.1.0');
  const second = at('v1.1.0');
  expectAt('v1', second, 'v1 follows the next release');
  prepare('1.0.1');
  publish('v1.0.1');
  expectAt('v1', second, 'a repair of an older release leaves v1 where it is');
  prepare('2.0.0-rc.1');
  publish('v2.0.0-rc.1');
  expectAt('v2', undefined, 'a prerelease is followed by no tag');
  const moved = planRelease('v1.0.0', git(checkout, 'rev-parse', 'HEAD'), tagsOf(checkout, remote));
  tell('a released tag cannot be given to another commit', moved.ok ? ['it could'] : []);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
