import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { githubForTest } from './in-test.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start() {
  const github = await githubForTest();
  github.seed.repository({ owner: 'shine', name: 'shop' });
  const sha = github.seed.commit('shine/shop', { files: { 'app.js': '1' } });
  return { github, sha, client: clientOf(github) };
}

const quiet = { auto_merge: false, required_contexts: [] } satisfies object;

describe('deployments', () => {
  test('are made, told about and listed newest first', async () => {
    const { sha, client } = await start();
    const payload = { rollout: 'r-1' };
    const made = await client.rest.repos.createDeployment({
      ...shop,
      ...quiet,
      ref: sha,
      payload,
      task: 'deploy:canary',
    });
    const deployment_id = 'id' in made.data ? made.data.id : 0;
    for (const state of ['in_progress', 'success'] as const) {
      await client.rest.repos.createDeploymentStatus({
        ...shop,
        deployment_id,
        state,
        log_url: 'https://ci.example/1',
      });
    }
    const { data: statuses } = await client.rest.repos.listDeploymentStatuses({ ...shop, deployment_id });
    expect(statuses.map(({ state }) => state)).toEqual(['success', 'in_progress']);
    expect(statuses[0]).toMatchObject({ environment: 'production', target_url: 'https://ci.example/1' });
    const { data: found } = await client.rest.repos.listDeployments({ ...shop, environment: 'production' });
    expect(found).toMatchObject([
      { id: deployment_id, payload, production_environment: true, task: 'deploy:canary' },
    ]);
    expect((await client.rest.repos.listDeployments({ ...shop, environment: 'staging' })).data).toEqual([]);
  });

  test('a success makes earlier ones inactive, but never in production and only if asked', async () => {
    const { sha, client } = await start();
    const lastStates = async (environment: string, auto_inactive: boolean) => {
      const ids: number[] = [];
      for (const _ of [1, 2]) {
        const made = await client.rest.repos.createDeployment({ ...shop, ...quiet, ref: sha, environment });
        const deployment_id = 'id' in made.data ? made.data.id : 0;
        ids.push(deployment_id);
        await client.rest.repos.createDeploymentStatus({
          ...shop,
          deployment_id,
          state: 'success',
          auto_inactive,
        });
      }
      const first = await client.rest.repos.listDeploymentStatuses({ ...shop, deployment_id: ids[0] ?? 0 });
      return first.data[0]?.state;
    };
    expect(await lastStates('staging', true)).toBe('inactive');
    expect(await lastStates('preview', false)).toBe('success');
    expect(await lastStates('production', true)).toBe('success');
  });

  test('are refused while a context is not green', async () => {
    const { sha, client } = await start();
    await client.rest.repos.createCommitStatus({ ...shop, sha, state: 'pending', context: 'ci' });
    const refused = await refusalOf(
      client.rest.repos.createDeployment({ ...shop, ref: 'main', auto_merge: false }),
    );
    expect(refused).toMatchObject({ status: 409, message: expect.stringContaining('checks failed') });
    const made = await client.rest.repos.createDeployment({ ...shop, ...quiet, ref: 'main' });
    expect(made.status).toBe(201);
  });

  test('merge a branch that is behind instead of deploying it, unless told not to', async () => {
    const { github, client } = await start();
    github.seed.commit('shine/shop', { branch: 'topic', files: { 'topic.js': '1' } });
    github.seed.commit('shine/shop', { files: { 'main.js': '2' } });
    const left = await client.rest.repos.createDeployment({ ...shop, ref: 'topic', auto_merge: false });
    expect(left.status).toBe(201);
    const merged = await client.rest.repos.createDeployment({ ...shop, ref: 'topic' });
    expect(merged).toMatchObject({
      status: 202,
      data: { message: 'Auto-merged main into topic on deployment.' },
    });
    const again = await client.rest.repos.createDeployment({ ...shop, ref: 'topic' });
    expect(again.status).toBe(201);
  });

  test('are refused for a branch that cannot be merged', async () => {
    const { github, client } = await start();
    github.seed.commit('shine/shop', { branch: 'topic', files: { 'app.js': 'theirs' } });
    github.seed.commit('shine/shop', { files: { 'app.js': 'ours' } });
    const refused = await refusalOf(client.rest.repos.createDeployment({ ...shop, ref: 'topic' }));
    expect(refused).toMatchObject({
      status: 409,
      message: expect.stringContaining('Conflict merging main into topic'),
    });
  });

  test('take at most 140 characters of description', async () => {
    const { sha, client } = await start();
    const made = await client.rest.repos.createDeployment({ ...shop, ...quiet, ref: sha });
    const deployment_id = 'id' in made.data ? made.data.id : 0;
    const tell = (length: number) =>
      client.rest.repos.createDeploymentStatus({
        ...{ ...shop, deployment_id, state: 'success', description: 'x'.repeat(length) },
      });
    expect((await tell(140)).status).toBe(201);
    expect(await refusalOf(tell(141))).toMatchObject({
      status: 422,
      message: expect.stringContaining('too long'),
    });
  });
});

describe('commit statuses', () => {
  test('the newest of each context counts', async () => {
    const { sha, client } = await start();
    const say = (context: string, state: 'pending' | 'success' | 'failure') =>
      client.rest.repos.createCommitStatus({ ...shop, sha, context, state });
    const combined = async () =>
      (await client.rest.repos.getCombinedStatusForRef({ ...shop, ref: 'main' })).data;
    expect((await combined()).state).toBe('pending');
    await say('canary', 'pending');
    await say('e2e', 'success');
    expect((await combined()).state).toBe('pending');
    await say('canary', 'failure');
    expect((await combined()).state).toBe('failure');
    await say('canary', 'success');
    expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
    const all = await client.rest.repos.listCommitStatusesForRef({ ...shop, ref: sha });
    expect(all.data).toHaveLength(4);
  });

  test('have limits: 140 characters, a commit that is there, a thousand for a context', async () => {
    const { github, sha, client } = await start();
    const say = (description: string, commit = sha) =>
      client.rest.repos.createCommitStatus({
        ...shop,
        sha: commit,
        state: 'success',
        context: 'canary',
        description,
      });
    expect((await say('x'.repeat(140))).status).toBe(201);
    expect(await refusalOf(say('x'.repeat(141)))).toMatchObject({ status: 422 });
    expect(await refusalOf(say('x', 'a'.repeat(40)))).toMatchObject({ status: 422 });
    github.seed.statuses('shine/shop', sha, 'canary', 999);
    expect((await refusalOf(say('one more'))).message).toContain('maximum number of statuses');
  });
});

describe('issues and comments', () => {
  test('are opened, changed, closed and found again', async () => {
    const { client } = await start();
    const body = 'what happened';
    const { data: issue } = await client.rest.issues.create({
      ...shop,
      title: 'Rollback',
      body,
      labels: ['rollback'],
    });
    const issue_number = issue.number;
    await client.rest.issues.addLabels({ ...shop, issue_number, labels: ['production'] });
    const { data: open } = await client.rest.issues.listForRepo({ ...shop, labels: 'rollback,production' });
    expect(open).toMatchObject([{ number: issue_number, title: 'Rollback', state: 'open' }]);
    await client.rest.issues.update({ ...shop, issue_number, state: 'closed' });
    expect((await client.rest.issues.listForRepo({ ...shop })).data).toEqual([]);
    const { data: closed } = await client.rest.issues.get({ ...shop, issue_number });
    expect(closed).toMatchObject({ state: 'closed', state_reason: 'completed', body });
  });

  test('one comment is edited in place', async () => {
    const { client } = await start();
    const { data: issue } = await client.rest.issues.create({ ...shop, title: 'Rollback' });
    const { data: comment } = await client.rest.issues.createComment({
      ...shop,
      issue_number: issue.number,
      body: '10 %',
    });
    await client.rest.issues.updateComment({ ...shop, comment_id: comment.id, body: '50 %' });
    const { data: comments } = await client.rest.issues.listComments({ ...shop, issue_number: issue.number });
    expect(comments.map(({ body }) => body)).toEqual(['50 %']);
  });

  test.each([
    [65_536, 201],
    [65_537, 422],
  ])('a body of %d characters: %d', async (length, expected) => {
    const { client } = await start();
    const issue = client.rest.issues.create({ ...shop, title: 'Rollback', body: 'x'.repeat(length) });
    const status = await issue.then(
      (made) => made.status,
      (error: unknown) => (error instanceof Error && 'status' in error ? error.status : 0),
    );
    expect(status).toBe(expected);
  });

  test('come in pages of at most 100, and the client follows the links', async () => {
    const { github, client } = await start();
    for (let n = 1; n <= 102; n += 1) await client.rest.issues.create({ ...shop, title: `Issue ${n}` });
    const first = await client.rest.issues.listForRepo({ ...shop, per_page: 1000, direction: 'asc' });
    expect(first.data).toHaveLength(100);
    expect(first.headers.link).toContain('rel="next"');
    const before = github.requests().length;
    const all = await client.paginate(client.rest.issues.listForRepo, {
      ...shop,
      per_page: 40,
      direction: 'asc',
    });
    expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 102 }, (_, n) => n + 1));
    expect(github.requests().length - before).toBe(3);
  });
});
