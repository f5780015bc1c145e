import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { STEP_LOSSES, WAY_HOME_LOSSES } from '../support/act/losses.ts';
import { HOME, readWorkflow, textOf } from '../support/workflow/read.ts';

const JOBS = ['pipeline', 'rollback', 'reconcile'].flatMap((name) =>
  Object.entries(readWorkflow(`.github/workflows/${name}.yml`).jobs),
);
const SECTION = textOf('docs/guide/workflows.md').split('## When a machine is lost\n')[1]?.split('\n## ')[0];
/** Rows of the tables, by what stands in their head: the cells of each. */
const rowsOf = (head: string): readonly (readonly string[])[] => {
  const table = SECTION?.split(`| ${head} |`)[1]?.split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(1)
    .map((line) => line.split('|').map((cell) => cell.trim()));
};
const byJob = rowsOf('job');
const byNet = rowsOf('net');

/** What step of a job is lost in the tests: only the safety net has two that move traffic. */
const LOST = new Set([
  ...STEP_LOSSES.map(({ job, step }) => `${job} ${step}`),
  ...WAY_HOME_LOSSES.map(({ job, because }) => {
    const isBack = job === 'rollback' || because === 'a red checklist';
    return `${job} ./actions/${isBack ? 'rollback' : 'reconcile'}`;
  }),
]);
const stepsOf = (job: string): string[] => [...LOST].filter((one) => one.startsWith(`${job} `));

describe('a machine that is lost', () => {
  it.each(JOBS.map(([job]) => job))('is one of the job %s in a test under act', (job) =>
    expect(stepsOf(job)).not.toEqual([]),
  );

  it('is lost in every step that moves traffic', () => {
    const moving = JOBS.flatMap(([job, { steps }]) =>
      steps.flatMap(({ uses = '' }) =>
        /^\$\/actions\/(canary|rollback|reconcile)$/.test(uses) ? [`${job} ${uses.replace('$', '.')}`] : [],
      ),
    );
    expect(moving.length).toBeGreaterThan(4);
    expect([...new Set(moving)].filter((one) => !LOST.has(one))).toEqual([]);
  });

  it('is told of in the guide for every job, with the test that loses it', () => {
    expect(byJob.map(([, job]) => job)).toEqual(expect.arrayContaining(JOBS.map(([job]) => `\`${job}\``)));
    expect(byJob).toHaveLength(JOBS.length);
    for (const [, job = '', , , test = ''] of byJob) {
      const isWayHome = WAY_HOME_LOSSES.some((loss) => `\`${loss.job}\`` === job);
      expect(test, job).toContain(isWayHome ? 'act-killed-home.test.ts' : 'act-killed.test.ts');
    }
  });

  it('takes each net with it in a test that the guide names', () => {
    const nets = [
      ...['signal handler', '`post` step', '`safety-net`', '`reconcile.yml`'],
      ...['lease in the router', 'rollback by hand'],
    ];
    expect(byNet.map(([, net]) => net)).toEqual(nets);
    for (const [, net, , , test = ''] of byNet) {
      const [, title = '-', path = ''] = /^\[(.+)\]\(\.\.\/\.\.\/(.+)\)$/.exec(test) ?? [];
      expect(textOf(path), net).toContain(title);
    }
  });
});

const callers = join(HOME, 'examples/workflows');
const caller = z.object({
  name: z.string(),
  on: z.looseObject({ workflow_run: z.object({ workflows: z.array(z.string()) }).optional() }),
});

describe('the example that looks after lost runs', () => {
  it('is woken by the end of every example that moves production traffic', () => {
    const movers = readdirSync(callers).flatMap((file) => {
      const text = textOf(`examples/workflows/${file}`);
      return /uses: \S+\/workflows\/(pipeline|rollback)\.yml/.test(text)
        ? [caller.parse(parse(text)).name]
        : [];
    });
    const { on } = caller.parse(parse(textOf('examples/workflows/reconcile.yml')));
    expect(on.workflow_run?.workflows.toSorted()).toEqual([...new Set(movers)].sort());
  });
});
