import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newFolder } from './crew.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PARTS = ['dist', 'actions'];
const NEEDED = ['dist/index.js', 'dist/cli.mjs', 'actions/canary/main.mjs'];

let home: string | null = null;

/** A copy of what is built, so that a build during the bench changes nothing under it. */
export function builtHome(): string {
  if (home !== null) return home;
  const missing = NEEDED.find((file) => !existsSync(join(ROOT, file)));
  if (missing !== undefined) throw new Error(`expected ${missing}, and it is not there: run npm run build`);
  const folder = newFolder();
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  home = folder;
  return folder;
}

export const builtCli = (): string => join(builtHome(), 'dist/cli.mjs');
