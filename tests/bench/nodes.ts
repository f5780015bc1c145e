import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface NodeProgram {
  readonly name: string;
  readonly path: string;
}

const NEEDS = 'a Node 24: give its path in BENCH_NODE24';

/** The Node that runs this, and a Node 24 if there is another one where such things are kept. */
export function nodePrograms(): { readonly found: readonly NodeProgram[]; readonly missing: string | null } {
  const here = { name: `N${process.versions.node}`, path: process.execPath };
  if (process.versions.node.startsWith('24.')) return { found: [here], missing: null };
  for (const path of candidates()) {
    const version = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim();
    if (version?.startsWith('24.')) return { found: [here, { name: `N${version}`, path }], missing: null };
  }
  return { found: [here], missing: NEEDS };
}

function candidates(): string[] {
  const { BENCH_NODE24, RUNNER_TOOL_CACHE, NVM_DIR } = process.env;
  const cache = join(RUNNER_TOOL_CACHE ?? '/opt/hostedtoolcache', 'node');
  const nvm = join(NVM_DIR ?? join(homedir(), '.nvm'), 'versions/node');
  return [
    ...(BENCH_NODE24 === undefined ? [] : [BENCH_NODE24]),
    ...versionsIn(cache, /^24\./).map((version) => join(cache, version, 'x64/bin/node')),
    ...versionsIn(nvm, /^v24\./).map((version) => join(nvm, version, 'bin/node')),
    'node24',
  ];
}

function versionsIn(folder: string, wanted: RegExp): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => wanted.test(name)) : [];
}
