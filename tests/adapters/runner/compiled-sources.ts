import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '../../..');
/** It finds its own WebAssembly beside itself. */
const WHOLE = '@guanmingchiu/sqlparser-ts';
const PATIENCE_MS = 60_000;

export interface CompiledSources {
  /** The file URL under which a plain node process can import a source, named as `src/...ts`. */
  readonly url: (source: string) => string;
  readonly remove: () => void;
}

const nameOf = (source: string): string => source.replace(/\.ts$/, '');

/**
 * Bundles sources with all that they import, for tests in which a real child process runs them: one file starts in a fraction
 * of the time of hundreds. In a run of the tests, each set of sources is bundled once, for all files and workers.
 */
export async function compileSources(...entries: readonly string[]): Promise<CompiledSources> {
  const { COMPILED_SOURCES: shared } = process.env;
  const own = shared === undefined ? mkdtempSync(join(tmpdir(), 'compiled-')) : null;
  const out = own ?? join(shared ?? '', keyOf(entries));
  if (own !== null) await bundle(entries, own);
  else await bundleOnce(entries, out);
  return {
    url: (source) => pathToFileURL(join(out, `${nameOf(source)}.mjs`)).href,
    remove: () => {
      if (own !== null) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** Of these sources as they are now: who watches changes them during a run. */
function keyOf(entries: readonly string[]): string {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...names.map((name) => statSync(join(ROOT, 'src', name)).mtimeMs));
  const key = [...[...entries].sort(), newest].join('\n');
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** Whoever makes the folder bundles; the others wait for its last file. */
async function bundleOnce(entries: readonly string[], out: string): Promise<void> {
  const end = join(out, 'end');
  if (mkdirSync(out, { recursive: true }) !== undefined) {
    await bundle(entries, out);
    return writeFileSync(end, '');
  }
  const until = performance.now() + PATIENCE_MS;
  while (!existsSync(end)) {
    if (performance.now() > until)
      throw new Error(`waited ${PATIENCE_MS} ms in vain for the bundle in ${out}`);
    await pause(20);
  }
}

async function bundle(entries: readonly string[], out: string): Promise<void> {
  const input = Object.fromEntries(entries.map((entry) => [nameOf(entry), join(ROOT, entry)]));
  symlinkSync(join(ROOT, 'node_modules'), join(out, 'node_modules'));
  const options = { cwd: ROOT, platform: 'node', logLevel: 'silent', external: WHOLE } as const;
  const made = await rolldown({ input, ...options });
  const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' };
  await made.write({ dir: out, format: 'esm', ...names });
  await made.close();
}
