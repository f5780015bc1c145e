import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { commitContent, treeContent } from './state/git.ts';
import type { Repository } from './state/world.ts';

/** Makes a folder a clone of the repository, with all of its commits and tags and nothing checked out. */
export function cloneInto({ blobs, trees, commits, refs }: Repository, folder: string): void {
  execFileSync('git', ['init', '-q', folder]);
  const write = (type: string, sha: string, content: Buffer): void => {
    const file = join(folder, '.git', 'objects', sha.slice(0, 2), sha.slice(2));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, deflateSync(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])));
  };
  for (const [sha, content] of blobs) write('blob', sha, Buffer.from(content, 'base64'));
  for (const [sha, entries] of trees) write('tree', sha, treeContent(entries));
  for (const [sha, commit] of commits) write('commit', sha, commitContent(commit));
  for (const [ref, sha] of refs) {
    mkdirSync(dirname(join(folder, '.git', ref)), { recursive: true });
    writeFileSync(join(folder, '.git', ref), `${sha}\n`);
  }
}
