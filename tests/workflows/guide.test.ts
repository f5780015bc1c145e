import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEnvironment } from '../../src/config/config.ts';
import { fitsWithin } from '../../src/core/rollout/plan.ts';
import { loadConfig } from '../../src/wire.ts';
import { HOME, judgeWorkflow, readWorkflow, textOf } from '../support/workflow/read.ts';

const GUIDE = textOf('docs/guide/workflows.md');
const PIPELINE = readWorkflow('.github/workflows/pipeline.yml');
const { inputs = {}, secrets = {} } = PIPELINE.on.workflow_call ?? {};
/** What stands in back quotes in the first column of a table. */
const firstColumn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
const sectionOf = (title: string): string => GUIDE.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the guide of the workflows', () => {
  it('tells of every job of the pipeline when it runs', () =>
    expect(firstColumn(sectionOf('When each job of the pipeline runs')).sort()).toEqual(
      Object.keys(PIPELINE.jobs).sort(),
    ));

  it('tells what every secret is for, each in the variable of the same name', () => {
    expect(firstColumn(sectionOf('Secrets')).sort()).toEqual(Object.keys(secrets).sort());
    const given = Object.values(PIPELINE.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ env }) => Object.entries(env)),
    );
    for (const [name, value] of given) expect(value).toBe(`\${{ secrets.${name} }}`);
  });

  it('tells of every caller', () => {
    const callers = readdirSync(join(HOME, 'examples/workflows')).sort();
    const table = GUIDE.split('| copy | runs | calls |')[1]?.split('\n\n')[0] ?? '';
    expect(firstColumn(table).sort()).toEqual(callers);
  });

  it('gives a copy for GitHub Enterprise Server that an older server understands', async () => {
    const rules = [...sectionOf('How they find the actions').matchAll(/-e 's([#/])(.*?)\1(.*?)\1g?'/g)];
    expect(rules).toHaveLength(3);
    const copy = rules.reduce((text, [, , from = '', to = '']) => {
      // sed groups with \( \) and writes \$ for a dollar.
      const pattern = new RegExp(from.replaceAll('\\(', '(').replaceAll('\\)', ')'), 'g');
      return text.replace(pattern, to.replace('\\1', '$1').replace('<full commit SHA>', 'a'.repeat(40)));
    }, textOf('.github/workflows/pipeline.yml'));
    expect(copy).not.toMatch(/\$\/|queue:|deployment:/);
    expect(copy.match(/uses: shine\/deploy-canary\/actions\/canary@a{40}$/gm)).toHaveLength(1);
    expect((await judgeWorkflow('pipeline.yml', copy)).errors).toEqual([]);
  });
});

describe('the time of the canary job', () => {
  it.each(['examples/shine/deploy-canary.yml', 'examples/minimal/deploy-canary.yml'])(
    'is enough for %s',
    async (path) => {
      const loaded = await loadConfig(HOME, path);
      if (!loaded.ok) throw new Error(loaded.report);
      const found = findEnvironment(loaded.config, 'production');
      if (!found.ok) throw new Error(found.message);
      const minutes = Number(inputs['canary-minutes']?.default);
      expect(fitsWithin(found.environment.plan, minutes * 60_000)).toMatchObject({ fits: true });
    },
  );

  it('is the same to the runner and to the action', () => {
    const { canary } = PIPELINE.jobs;
    expect(canary?.['timeout-minutes']).toBe(`\${{ inputs.canary-minutes }}`);
    expect(canary?.steps.at(-1)?.with['job-limit']).toBe(`\${{ inputs.canary-minutes }}m`);
  });
});
