import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACTION_NAMES } from '../src/actions/inputs.ts';
import { toJsonSchema } from '../src/config/json-schema.ts';
import { renderReference } from '../src/config/reference.ts';
import { configSchema } from '../src/registry.ts';
import { actionFiles, withTables } from './action-files.ts';
import { renderPermissions, withPermissions } from './permission-files.ts';

// Writes what is generated from the config's schema and from the inputs of the actions, into this repository or a directory named as argument.
// With --check it writes nothing, and exits 1 when a file differs.
const [directory] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const source = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = directory ?? source;
const jsonSchema = toJsonSchema(configSchema);
const files: (readonly [string, string])[] = [
  ['schemas/deploy-canary.schema.json', `${JSON.stringify(jsonSchema, null, 2)}\n`],
  ['docs/reference/config.md', renderReference(jsonSchema)],
  ['docs/reference/permissions.md', renderPermissions()],
  ...Object.entries(actionFiles()),
];
for (const action of ACTION_NAMES) {
  const path = `actions/${action}/README.md`;
  const readme = withTables(await readFile(join(source, path), 'utf8'), action);
  files.push([path, withPermissions(readme, action)]);
}

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, content] of files) {
  const target = join(root, path);
  const before = await readFile(target, 'utf8').catch(() => null);
  if (before === content) continue;
  stale.push(path);
  if (isCheck) continue;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

if (stale.length === 0) console.log('generated files are up to date');
else if (!isCheck) console.log(`written: ${stale.join(', ')}`);
else {
  console.error(
    `expected generated files to match the schema, saw others: ${stale.join(', ')}; run npm run generate`,
  );
  process.exitCode = 1;
}
