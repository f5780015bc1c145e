import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canRun } from '../support/can-run.ts';
import { HOME } from '../support/workflow/read.ts';

const yamlIn = (folder: string): string[] =>
  readdirSync(join(HOME, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));
const WORKFLOWS = [...yamlIn('.github/workflows'), ...yamlIn('examples/workflows')];
const ACTIONS = [
  'action.yml',
  ...readdirSync(join(HOME, 'actions')).map((name) => `actions/${name}/action.yml`),
];

interface Linter {
  readonly program: string;
  readonly argv: readonly string[];
  readonly files: readonly string[];
}

const LINTERS: readonly Linter[] = [
  { program: 'actionlint', argv: ['-config-file', '.github/actionlint.yaml'], files: WORKFLOWS },
  {
    program: 'zizmor',
    argv: [
      '--offline',
      '--no-progress',
      '--quiet',
      '--persona',
      'pedantic',
      '--config',
      '.github/zizmor.yml',
    ],
    files: [...WORKFLOWS, ...ACTIONS, '.github/dependabot.yml'],
  },
];

const lint = ({ program, argv }: Linter, files: readonly string[]) =>
  spawnSync(program, [...argv, ...files], { cwd: HOME, encoding: 'utf8' });

/** A title that comes from anybody, in a script. */
const PLANTED = `name: x
on: issues
permissions: {}
jobs:
  x:
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ github.event.issue.title }}
`;

describe.each(LINTERS)('$program', (linter) => {
  const missing = canRun(linter.program, '--version') ? '' : ` (skipped: needs ${linter.program})`;

  it.skipIf(missing !== '')(`finds nothing in the workflows, the actions and the examples${missing}`, () => {
    const { status, stdout, stderr } = lint(linter, linter.files);
    expect(stdout + stderr).not.toMatch(/error|warning|-->/);
    expect(status).toBe(0);
  });

  it.skipIf(missing !== '')(`says no to a script with somebody's words in it${missing}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lint-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'planted.yml'), PLANTED);
    const { status, stdout } = lint(linter, [join(folder, 'planted.yml')]);
    expect(status).not.toBe(0);
    expect(stdout).toContain('github.event.issue.title');
  });
});
