import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { generate } from '../../tools/generated.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'generated-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Every action but the composite one, which is written by hand. */
const ACTIONS = readdirSync(join(root, 'actions')).filter((action) => action !== 'staging');
const ALL = [
  'schemas/deploy-canary.schema.json',
  'docs/reference/config.md',
  'docs/reference/permissions.md',
  'action.yml',
  ...ACTIONS.map((action) => `actions/${action}/action.yml`),
  ...ACTIONS.map((action) => `actions/${action}/README.md`),
].sort();

const named = (said: string, before: RegExp): readonly string[] =>
  (before.exec(said)?.[1] ?? '').split(', ').sort();

test('generated files are written, and a check says no while one of them differs', async () => {
  const before = await generate(['--check', directory]);
  expect(before.ok).toBe(false);
  expect(named(before.said, /saw others: (.*); run npm run generate$/)).toEqual(ALL);
  const written = await generate([directory]);
  expect(written.ok).toBe(true);
  expect(named(written.said, /^written: (.*)$/)).toEqual(ALL);
  expect(
    JSON.parse(readFileSync(join(directory, 'schemas/deploy-canary.schema.json'), 'utf8')),
  ).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
  });
  appendFileSync(join(directory, 'docs/reference/config.md'), 'by hand\n');
  expect(await generate(['--check', directory])).toMatchObject({
    ok: false,
    said: expect.stringContaining('saw others: docs/reference/config.md;'),
  });
});
