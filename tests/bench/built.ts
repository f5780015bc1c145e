import { cpSync, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newFolder } from './crew.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PARTS = ['dist', 'actions'];
const NEEDED = ['dist/index.js', 'dist/cli.mjs', 'dist/package.json', 'actions/canary/main.mjs'];
/** A build that is under way is waited for. */
const PATIENCE_MS = 60_000;

let home: string | null = null;

/** Copies what is built, so that a build during the bench changes nothing under it. */
export async function copyBuilt(): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const before = sizes();
    await pause(1_000);
    const missing = NEEDED.find((file) => !existsSync(join(ROOT, file)));
    if (missing === undefined && before === sizes()) break;
    if (performance.now() < until) continue;
    throw new Error(
      `expected ${missing ?? 'a build that has ended'}, and it is not there: run npm run build`,
    );
  }
  const folder = newFolder();
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  home = folder;
}

function sizes(): string {
  return NEEDED.map((file) => statSync(join(ROOT, file), { throwIfNoEntry: false })?.size).join(' ');
}

/** The folder that holds the copy. */
export function builtHome(): string {
  if (home === null) throw new Error('expected a copy of what is built, and none was made yet');
  return home;
}

export const builtCli = (): string => join(builtHome(), 'dist/cli.mjs');
