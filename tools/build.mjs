// Builds dist/ from src/: tsc emits JavaScript, ncc makes one bundle of it, and the entries are two-line stubs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (script, ...args) =>
  execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });

for (const folder of ['build', 'dist']) rmSync(join(root, folder), { recursive: true, force: true });
run('typescript/bin/tsc', '-p', 'tsconfig.build.json');
writeFileSync(join(root, 'build/package.json'), '{ "type": "module" }\n');
run(
  '@vercel/ncc/dist/ncc/cli.js',
  'build',
  'build/index.js',
  '-o',
  'build/bundle',
  '--license',
  '[name].licenses.txt',
  '-q',
);

mkdirSync(join(root, 'dist'), { recursive: true });
const bundle = readFileSync(join(root, 'build/bundle/index.js'), 'utf8');
if (bundle.includes(root)) throw new Error('the bundle names a path of this machine');
const made = readdirSync(join(root, 'build/bundle')).sort();
// The SQL parser is a file of its own, and its WebAssembly another: they are loaded where there is SQL, and not before.
for (const file of made.filter((name) => /^(\d+\.)?index\.js$|\.wasm$/.test(name)))
  cpSync(join(root, 'build/bundle', file), join(root, 'dist', file));
const licenses = made.filter((name) => name.endsWith('.licenses.txt'));
writeFileSync(
  join(root, 'dist/licenses.txt'),
  licenses.map((file) => readFileSync(join(root, 'build/bundle', file), 'utf8')).join('\n\n'),
);
writeFileSync(join(root, 'dist/package.json'), '{ "type": "module" }\n');
writeFileSync(
  join(root, 'dist/cli.mjs'),
  "#!/usr/bin/env node\nimport { runCli } from './index.js';\n\nawait runCli(process.argv);\n",
  { mode: 0o755 },
);
