import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACTION_NAMES } from '../src/actions/inputs.ts';
import { toJsonSchema } from '../src/config/json-schema.ts';
import { renderReference } from '../src/config/reference.ts';
import { configSchema } from '../src/registry.ts';
import { actionFiles, withTables } from './action-files.ts';
import { renderPermissions, withPermissions } from './permission-files.ts';

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface Generated {
  readonly ok: boolean;
  readonly said: string;
}

/** Writes what is generated from the config's schema and from the inputs of the actions; a check writes nothing, and is not ok when a file differs. */
export async function generate(words: readonly string[]): Promise<Generated> {
  const [root = SOURCE] = words.filter((word) => !word.startsWith('--'));
  const isCheck = words.includes('--check');
  const stale: string[] = [];
  for (const [path, content] of await generatedFiles()) {
    const target = join(root, path);
    const before = await readFile(target, 'utf8').catch(() => null);
    if (before === content) continue;
    stale.push(path);
    if (isCheck) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  if (stale.length === 0) return { ok: true, said: 'generated files are up to date' };
  const paths = stale.join(', ');
  if (!isCheck) return { ok: true, said: `written: ${paths}` };
  const said = `expected generated files to match the schema, saw others: ${paths}; run npm run generate`;
  return { ok: false, said };
}

async function generatedFiles(): Promise<readonly (readonly [string, string])[]> {
  const jsonSchema = toJsonSchema(configSchema);
  const readmes = ACTION_NAMES.map(async (action): Promise<readonly [string, string]> => {
    const path = `actions/${action}/README.md`;
    const readme = withTables(await readFile(join(SOURCE, path), 'utf8'), action);
    return [path, withPermissions(readme, action)];
  });
  return [
    ['schemas/deploy-canary.schema.json', `${JSON.stringify(jsonSchema, null, 2)}\n`],
    ['docs/reference/config.md', renderReference(jsonSchema)],
    ['docs/reference/permissions.md', renderPermissions()],
    ...Object.entries(actionFiles()),
    ...(await Promise.all(readmes)),
  ];
}
