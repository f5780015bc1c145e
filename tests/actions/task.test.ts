import { afterAll, describe, expect, it } from 'vitest';
import { ACTIONS } from '../../src/adapters/github/permission-table.ts';
import { renderTask } from '../../src/core/report/task.ts';
import { githubForTest } from '../support/github/in-test.ts';
import type { Access } from '../support/github/permissions.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';
import { operationOf } from '../support/operations.ts';
import { sourceActions } from '../support/source-action.ts';

const actions = await sourceActions({ 'task/main': ['src/actions/task.ts', 'taskMain'] });
afterAll(() => actions.remove());

const INPUTS = {
  task: 'booking 1.2.0 store-listings',
  title: 'Update the store listings of booking to 1.2.0',
  owner: 'ada',
  steps: 'App Store: notes\n\nGoogle Play: notes',
  evidence: 'Rollout r1 was promoted.\nBy @eve <script>',
};

async function scene(permissions: Readonly<Record<string, Access>> = { issues: 'write' }) {
  const github = await githubForTest();
  seedRepository(github);
  const env = { ...jobEnv(github, { permissions }), GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '1' };
  const play = (inputs: Readonly<Record<string, string>> = INPUTS) => actions.play('task/main', inputs, env);
  return { github, play, issues: () => [...github.repository(REPOSITORY).issues.values()] };
}

describe('the task action', () => {
  it('opens one issue with its owner, steps and evidence, and asks for nothing that its table has not', async () => {
    const { github, play, issues } = await scene();
    const first = await play();
    expect(first.log).toContain('a task was opened for ada');
    expect(first).toMatchObject({ code: 0, outputs: { verdict: 'pass', 'reason-code': 'opened' } });
    expect(JSON.parse(first.outputs.result ?? '')).toMatchObject({
      schemaVersion: 1,
      operation: 'task',
      owner: 'ada',
    });
    const [issue, ...others] = issues();
    expect(others).toEqual([]);
    expect(issue?.title).toBe(INPUTS.title);
    expect(issue?.body).toContain('For @ada.');
    expect(issue?.body).toContain('- [ ] App Store: notes\n- [ ] Google Play: notes');
    expect(issue?.body).toMatch(/Rollout r1 was promoted\.[\s\S]*actions\/runs\/77\/attempts\/1/);
    const allowed = ACTIONS.task.routes.map(operationOf);
    expect(github.requests().filter(({ operationId }) => !allowed.includes(operationId ?? ''))).toEqual([]);
  });

  it('opens no second one for the same task, and another one for another', async () => {
    const { play, issues } = await scene();
    const { outputs } = await play();
    expect((await play()).outputs).toMatchObject({
      verdict: 'pass',
      'reason-code': 'open-already',
      url: outputs.url,
    });
    expect(issues()).toHaveLength(1);
    await play({ ...INPUTS, task: 'booking 1.3.0 store-listings' });
    expect(issues()).toHaveLength(2);
  });

  it('names the permission that is missing, and opens nothing', async () => {
    const { play, issues } = await scene({ issues: 'read' });
    const end = await play();
    expect(end).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': 'not-opened' } });
    expect(end.log).toMatch(/permissions: \{ issues: write \}/);
    expect(issues()).toEqual([]);
  });

  it('refuses an owner that is nobody, and a task without a name', async () => {
    const { play, issues } = await scene();
    const end = await play({ ...INPUTS, owner: 'the mobile team', task: '' });
    expect(end).toMatchObject({ code: 1, outputs: { 'reason-code': 'config-invalid' } });
    expect(end.log).toMatch(/input task[\s\S]*input owner: expected a user name/);
    expect(issues()).toEqual([]);
  });

  it('mentions nobody but the owner', () => {
    const { markdown } = renderTask({ ...INPUTS, steps: ['Ask @eve'], runUrl: null });
    expect(markdown.match(/@[a-z]/g)).toEqual(['@a']);
    expect(markdown).not.toContain('<script>');
  });
});
