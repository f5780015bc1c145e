import { execFileSync } from 'node:child_process';
import type { Tag } from './plan.ts';

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** Tags of a repository, here or far away, each with the commit that it names in the end. */
export function tagsOf(folder: string, remote: string): Tag[] {
  const tags = new Map<string, string>();
  for (const line of git(folder, 'ls-remote', '--tags', remote).split('\n')) {
    const [, commit, name, peeled] = /^([0-9a-f]+)\trefs\/tags\/(.+?)(\^\{\})?$/.exec(line) ?? [];
    // An annotated tag is told twice: as itself, and peeled to its commit.
    if (commit !== undefined && name !== undefined && (peeled !== undefined || !tags.has(name)))
      tags.set(name, commit);
  }
  return [...tags].map(([name, commit]) => ({ name, commit }));
}

/** Files under the paths that are not as they were committed, new ones included. */
export function changedIn(folder: string, ...paths: readonly string[]): string[] {
  const told = git(folder, 'status', '--porcelain', '--untracked-files=all', '--', ...paths);
  return told === '' ? [] : told.split('\n');
}
