import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { ACTION_NAMES } from '../../src/actions/inputs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'generated-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function generate(...words: readonly string[]) {
  const argv = ['--import', './tools/register.mjs', 'tools/generate.ts', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.trim() };
}

const FACES = [
  'canary',
  'rollback',
  'reconcile',
  'preflight',
  'load-test',
  'pr-status',
  'deploy',
  'e2e-gate',
];
const ALL = [
  'schemas/deploy-canary.schema.json',
  'docs/reference/config.md',
  'docs/reference/permissions.md',
  'action.yml',
  ...FACES.map((action) => `actions/${action}/action.yml`),
  ...ACTION_NAMES.map((action) => `actions/${action}/README.md`),
].join(', ');

test('generated files are written, and a check says no while one of them differs', () => {
  expect(generate('--check', directory)).toEqual({
    status: 1,
    said: `expected generated files to match the schema, saw others: ${ALL}; run npm run generate`,
  });
  expect(generate(directory)).toEqual({ status: 0, said: `written: ${ALL}` });
  expect(
    JSON.parse(readFileSync(join(directory, 'schemas/deploy-canary.schema.json'), 'utf8')),
  ).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
  });
  appendFileSync(join(directory, 'docs/reference/config.md'), 'by hand\n');
  expect(generate('--check', directory)).toMatchObject({
    status: 1,
    said: expect.stringContaining('saw others: docs/reference/config.md;'),
  });
}, 120_000);
