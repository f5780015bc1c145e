import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { INPUTS, OUTPUTS, readInputs } from '../../src/actions/inputs.ts';

const HOME = resolve(import.meta.dirname, '../..');

const actionSchema = z.object({
  inputs: z.record(
    z.string(),
    z.object({ description: z.string().min(10), required: z.boolean(), default: z.string().optional() }),
  ),
  outputs: z.record(z.string(), z.object({ description: z.string() })),
  runs: z.object({ using: z.literal('node24'), main: z.string(), post: z.string().optional() }),
});

const FACES = [
  { file: 'action.yml', action: 'canary' },
  { file: 'actions/canary/action.yml', action: 'canary' },
  { file: 'actions/rollback/action.yml', action: 'rollback' },
  { file: 'actions/reconcile/action.yml', action: 'reconcile' },
  { file: 'actions/preflight/action.yml', action: 'preflight' },
  { file: 'actions/load-test/action.yml', action: 'load-test' },
  { file: 'actions/pr-status/action.yml', action: 'pr-status' },
  { file: 'actions/deploy/action.yml', action: 'deploy' },
  { file: 'actions/e2e-gate/action.yml', action: 'e2e-gate' },
  { file: 'actions/task/action.yml', action: 'task' },
] as const;

/** What the runner itself fills in is nothing where there is no runner. */
const standard = (text: string | undefined) => (text?.startsWith('${{') === true ? '' : text);

describe.each(FACES)('$file', ({ file, action }) => {
  const face = actionSchema.parse(parse(readFileSync(join(HOME, file), 'utf8')));
  const schema: z.ZodObject = INPUTS[action];

  it('names exactly the inputs that the code reads and the outputs that it writes', () => {
    expect(Object.keys(face.inputs)).toEqual(Object.keys(schema.shape));
    expect(Object.keys(face.outputs)).toEqual(Object.keys(OUTPUTS[action]));
  });

  it('has defaults that mean the same as leaving the input out', () => {
    const needed = {
      version: 'v1',
      reason: 'because',
      sha: '0'.repeat(40),
      gate: 'preflight',
      task: 'x',
      title: 'x',
      owner: 'ann',
    };
    const bare = readInputs(schema, (name) => (name === 'reason' ? 'because' : ''), needed);
    const said = readInputs(
      schema,
      (name) => standard(face.inputs[name]?.default) ?? (name === 'reason' ? 'because' : ''),
      needed,
    );
    expect(bare.ok).toBe(true);
    expect(said).toEqual(bare);
  });

  it('points at entries that exist', () => {
    for (const entry of [face.runs.main, face.runs.post].filter((path) => path !== undefined)) {
      expect(readFileSync(join(HOME, dirname(file), entry), 'utf8')).toContain('runAction');
    }
  });
});

describe('inputs', () => {
  it('are all checked before any of them is used', () => {
    const bad: Record<string, string> = { version: '--force', 'job-limit': 'soon' };
    const read = readInputs(INPUTS.canary, (name) => bad[name] ?? '', {});
    expect(read.ok ? [] : read.problems).toHaveLength(2);
  });

  it('say which required one is missing', () => {
    const read = readInputs(INPUTS.rollback, () => '', {});
    expect(read.ok ? [] : read.problems).toEqual(['input reason: is required and was not given']);
  });
});

describe('dist', () => {
  it('holds one bundle, the SQL parser, their licences and the command line, and nothing else', () => {
    const named = readdirSync(join(HOME, 'dist')).map((name) =>
      name.replace(/^\d+(?=\.index\.js$)/, 'parser'),
    );
    expect(named.sort()).toEqual([
      'cli.mjs',
      'index.js',
      'licenses.txt',
      'package.json',
      'parser.index.js',
      'sqlparser_rs_wasm_bg.wasm',
    ]);
  });
});
