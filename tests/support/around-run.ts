import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Around a whole run of the tests: a folder for what all workers share, gone at the end. */
export default function aroundRun(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  process.env.COMPILED_SOURCES = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
