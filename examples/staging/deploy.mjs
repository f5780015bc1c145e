// What stands in for your platform: puts a version into place, and ends when it is there.
//   node deploy.mjs back-end --folder run --port 8080 --version v1.5.0 [--fault slow]
//   node deploy.mjs front-end --folder run --version v1.5.0
//   node deploy.mjs migrate --folder run
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    port: { type: 'string' },
    version: { type: 'string' },
    fault: { type: 'string', default: 'none' },
  },
});
mkdirSync(values.folder, { recursive: true });

async function backEnd() {
  await stopOld();
  const { port, version, fault } = values;
  const argv = [here('service.mjs'), '--port', port, '--version', version, '--fault', fault];
  const log = openSync(join(values.folder, 'back-end.log'), 'a');
  const service = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', log, log] });
  service.unref();
  writeFileSync(join(values.folder, 'back-end.pid'), String(service.pid));
  console.log(`back end ${version} started on port ${port}`);
}

async function stopOld() {
  const file = join(values.folder, 'back-end.pid');
  if (!existsSync(file)) return;
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
  } catch {
    return;
  }
  await sleep(200);
}

function frontEnd() {
  const { version } = values;
  const target = join(values.folder, 'public');
  cpSync(here('site'), target, { recursive: true });
  const page = readFileSync(here('site/index.html'), 'utf8').replaceAll('{version}', version);
  writeFileSync(join(target, 'index.html'), page);
  writeFileSync(join(target, 'version.json'), `${JSON.stringify({ version })}\n`);
  console.log(`front end ${version} uploaded`);
}

/** Notes which files have run, as a migration tool does in a table of its own; there is no database here to change. */
function migrate() {
  const file = join(values.folder, 'migrations.json');
  const done = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const pending = readdirSync(here('migrations')).filter((name) => !done.includes(name));
  for (const name of pending) console.log(`applied ${name}`);
  writeFileSync(file, JSON.stringify([...done, ...pending].sort()));
  console.log(`${pending.length} applied, ${done.length} were there`);
}

await { 'back-end': backEnd, 'front-end': frontEnd, migrate }[positionals[0]]?.();
