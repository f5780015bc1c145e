import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACTIONS, leastFor } from '../../src/adapters/github/permission-table.ts';
import {
  misunderstandings,
  oursIn,
  stepsProblems,
  unheardOf,
  usesProblems,
} from '../support/workflow/contract.ts';
import { expressionsIn } from '../support/workflow/expression.ts';
import {
  HOME,
  type Job,
  judgeAction,
  judgeWorkflow,
  readAction,
  readWorkflow,
  textOf,
} from '../support/workflow/read.ts';

/** As it stands in a workflow. */
const expr = (text: string): string => `\${{ ${text} }}`;
const yamlIn = (folder: string): string[] =>
  readdirSync(join(HOME, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${folder}/${name}`);
const REUSABLE = ['pipeline', 'rollback', 'reconcile'].map((name) => `.github/workflows/${name}.yml`);
const WORKFLOWS = [...yamlIn('.github/workflows'), ...yamlIn('examples/workflows')];
const ACTION_FILES = [
  'action.yml',
  ...readdirSync(join(HOME, 'actions')).map((name) => `actions/${name}/action.yml`),
];
const ownJobs = (path: string): [string, Job][] =>
  Object.entries(readWorkflow(path).jobs).filter(([, job]) => job.uses === undefined);
/** Jobs that move traffic home, or may have to. */
const HOMEWARD = ['rollback', 'reconcile', 'safety-net'];

describe.each(WORKFLOWS)('%s', (path) => {
  const workflow = readWorkflow(path);
  const text = textOf(path);

  it("is right in the eyes of GitHub's own parser", async () =>
    expect((await judgeWorkflow(path)).errors).toEqual([]));
  it('says to each action and workflow of ours what it understands, and all that it needs', () =>
    expect(usesProblems(workflow)).toEqual([]));

  it('speaks of no input, secret, job, step or output that is not there', () => {
    const { inputs, secrets, outputs = {} } = workflow.on.workflow_call ?? {};
    const declared = inputs && { inputs: Object.keys(inputs), secrets: Object.keys(secrets ?? {}) };
    const found = Object.values(workflow.jobs).flatMap((job) => {
      const { steps, needs, outputs: told, ...rest } = job;
      const scope = { ...declared, steps, needs, jobs: workflow.jobs };
      return unheardOf([JSON.stringify({ rest, steps, told })], scope);
    });
    const values = Object.values(outputs).map(({ value }) => value);
    expect([...found, ...unheardOf(values, { jobs: workflow.jobs })]).toEqual([]);
  });

  it('gives nothing by default, to each job the least, and says what each permission is for', () => {
    expect(workflow.permissions).toEqual({});
    for (const [id, job] of Object.entries(workflow.jobs)) expect(job.permissions, id).toBeDefined();
    const bare = text.split('\n').filter((line) => /^\s+[a-z-]+: (read|write)\b(?!.*# .{5})/.test(line));
    expect(bare).toEqual([]);
  });

  it('pins everything that is not ours by a full commit SHA, with its version beside it', () => {
    const others = [...text.matchAll(/(?<![a-z])uses: (\S+)(.*)/g)].filter(
      ([, uses = '']) => oursIn(uses) === null,
    );
    for (const [line, uses, rest] of others) {
      expect(uses, line).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
      expect(rest, line).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  it('puts no expression into a script', () => {
    const scripts = ownJobs(path).flatMap(([, { steps }]) => steps.map(({ run = '' }) => run));
    expect(scripts.flatMap(expressionsIn)).toEqual([]);
  });

  it('lets no job run without an end', () => {
    for (const [id, job] of ownJobs(path)) expect(job['timeout-minutes'], id).toBeDefined();
  });

  it('leaves the record of deployments to the actions', () => {
    for (const [id, { environment }] of ownJobs(path))
      if (environment !== undefined) expect(environment.deployment, id).toBe(false);
  });

  it('lets the canary be the last step of its job, and nothing keep a signal from it', () => {
    for (const [id, { steps }] of ownJobs(path)) {
      const place = steps.findIndex(({ uses = '' }) =>
        /^(\$\/actions\/canary|shine\/deploy-canary(@|\/actions\/canary@))/.test(uses),
      );
      if (place === -1) continue;
      expect(place, `${id}: its place`).toBe(steps.length - 1);
      expect(steps[place]?.if, `${id}: its condition`).toBeUndefined();
      expect(steps[place]?.['continue-on-error'], id).toBe(false);
    }
  });

  it('names no job other than by its id, by which reconcile finds it', () => {
    for (const [id, { name }] of Object.entries(workflow.jobs)) expect([undefined, id]).toContain(name);
  });
});

describe.each(ACTION_FILES)('%s', (path) => {
  it("is right in the eyes of GitHub's own parser", () => expect(judgeAction(path)).toEqual([]));
  it('says to the actions that it is made of what they understand, and speaks of nothing that is not there', () => {
    const { inputs, outputs, runs } = readAction(path);
    expect(stepsProblems(runs.steps)).toEqual([]);
    const texts = [JSON.stringify(runs.steps), ...Object.values(outputs).map(({ value = '' }) => value)];
    expect(unheardOf(texts, { inputs: Object.keys(inputs), steps: runs.steps })).toEqual([]);
  });
});

describe('the reusable workflows', () => {
  const jobs = REUSABLE.flatMap((path) => Object.entries(readWorkflow(path).jobs));

  it.each(jobs.filter(([id]) => HOMEWARD.includes(id)))('%s waits for nobody', (_, job) => {
    expect(job.concurrency).toBeUndefined();
    expect(job.environment?.name).toBe(expr('inputs.operations-environment'));
  });

  it.each(jobs.filter(([id]) => [...HOMEWARD, 'canary'].includes(id)))(
    '%s has what the actions that move traffic need, and no more',
    (_, { permissions = {} }) => {
      const least = leastFor([ACTIONS.canary]).map(({ key, level }) => [key, level]);
      expect(permissions).toEqual(Object.fromEntries(least));
    },
  );

  it('let one rollout of a service in an environment run at a time, and drop none that waits', () => {
    const { concurrency } = readWorkflow(REUSABLE[0] ?? '').jobs.canary ?? {};
    expect(concurrency).toEqual({
      group: `canary-${expr('inputs.service')}-${expr('inputs.production')}`,
      queue: 'max',
    });
  });

  it('ask for the approval in a job of its own, before the canary', () => {
    const approving = jobs.filter(([, { environment }]) => environment?.name === expr('inputs.production'));
    expect(approving.map(([id]) => id)).toEqual(['preflight-production']);
  });

  it('tell what each gate says, also of one that was cancelled', () => {
    const gates = jobs.filter(([, { steps }]) => steps.some(({ id }) => id === 'gate'));
    expect(gates).toHaveLength(6);
    for (const [id, { steps }] of gates) {
      const telling = steps[steps.findIndex((step) => step.id === 'gate') + 1];
      expect(telling?.uses, id).toBe('$/actions/pr-status');
      expect(telling?.if, id).toBe(expr('always()'));
      expect(telling?.with.result, id).toBe(expr('steps.gate.outputs.result'));
    }
  });
});

describe('the contract between workflows and actions says no to', () => {
  const planted = (change: (text: string) => string) => {
    const { jobs } = readWorkflow('.github/workflows/rollback.yml');
    return JSON.parse(change(JSON.stringify({ name: 'x', on: {}, jobs })));
  };

  it('a misspelt input of an action', () => {
    const wrong = planted((text) => text.replace('"to-slot":', '"to-slots":'));
    expect(usesProblems(wrong)).toEqual([
      expect.stringContaining('$/actions/rollback has no input to-slots; it has config, environment'),
    ]);
  });

  it('a required input that is left out', () => {
    const wrong = planted((text) => text.replace(/"reason":"[^"]*",/, ''));
    expect(usesProblems(wrong)).toEqual(['rollback: $/actions/rollback needs the input reason']);
  });

  it('an action that is not there', () => {
    const wrong = planted((text) => text.replace('$/actions/rollback', '$/actions/roll-back'));
    expect(usesProblems(wrong)).toEqual([
      'rollback: $/actions/roll-back actions/roll-back/action.yml is not there',
    ]);
  });

  it('a caller that gives a workflow fewer permissions, or more, than its jobs need', () => {
    const { jobs } = readWorkflow('examples/workflows/rollback.yml');
    const [job] = Object.values(jobs);
    const given = (permissions: Job['permissions']) =>
      usesProblems({ name: 'x', on: {}, jobs: job === undefined ? {} : { x: { ...job, permissions } } });
    const { issues: _, ...fewer } = job?.permissions ?? {};
    expect(given(fewer).join()).toContain('is given issues: none and needs write');
    expect(given({ ...job?.permissions, packages: 'write' }).join()).toContain(
      'packages: write and needs none',
    );
  });

  it('an unknown secret, and an output that nobody has', () => {
    expect(misunderstandings({ a: 1 }, { a: {}, b: { required: true } })).toEqual(['needs the input b']);
    expect(unheardOf(['secrets.NONE'], { secrets: ['SOME'] })).toEqual(['secrets.NONE']);
    const steps = readWorkflow('.github/workflows/rollback.yml').jobs.rollback?.steps ?? [];
    expect(unheardOf(['steps.rollback.outputs.stat'], { steps })).toEqual(['steps.rollback.outputs.stat']);
  });
});
