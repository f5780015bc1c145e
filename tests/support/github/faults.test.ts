import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import type { Fault } from './faults.ts';
import { githubForTest } from './in-test.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start() {
  const github = await githubForTest();
  github.seed.repository({ owner: 'shine', name: 'shop' });
  const sha = github.seed.commit('shine/shop');
  const client = clientOf(github);
  const ref = () => client.rest.git.getRef({ ...shop, ref: 'heads/main' });
  const say = () => client.rest.repos.createCommitStatus({ ...shop, sha, state: 'success' });
  const said = () => github.repository('shine/shop').statuses.length;
  return { github, sha, client, ref, say, said };
}

describe('a GitHub that fails', () => {
  test.each<[string, Fault, number]>([
    ['a server error', { do: 'server-error', status: 502 }, 502],
    ['a refusal', { do: 'refuse', status: 422, message: 'Reference cannot be updated' }, 422],
    ['a secondary limit', { do: 'secondary-limit' }, 403],
    ['a secondary limit with a time', { do: 'secondary-limit', status: 429, retryAfterSeconds: 60 }, 429],
    ['the primary limit', { do: 'primary-limit', resetInSeconds: 600 }, 403],
  ])('%s is answered once, and nothing is done', async (_, fault, status) => {
    const { github, say, said } = await start();
    github.fault({ fault });
    expect(await refusalOf(say())).toMatchObject({ status });
    expect(said()).toBe(0);
    expect((await say()).status).toBe(201);
  });

  test('limits say when to come back', async () => {
    const { github, client } = await start();
    const headersOf = async (fault: Fault) => {
      github.fault({ fault });
      const error: unknown = await client.rest.repos.get({ ...shop }).catch((reason: unknown) => reason);
      return error;
    };
    const retry = { response: { headers: { 'retry-after': '60' } } };
    expect(await headersOf({ do: 'secondary-limit', retryAfterSeconds: 60 })).toMatchObject(retry);
    const spent = {
      response: { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': expect.any(String) } },
    };
    expect(await headersOf({ do: 'primary-limit', resetInSeconds: 60 })).toMatchObject(spent);
  });

  test('the connection is cut before anything is done', async () => {
    const { github, say, said } = await start();
    github.fault({ fault: { do: 'cut' } });
    expect(await refusalOf(say())).toMatchObject({ status: 500 });
    expect(said()).toBe(0);
  });

  test('the answer is lost, but the write was done', async () => {
    const { github, say, said } = await start();
    github.fault({ fault: { do: 'lose-answer' } });
    expect(await refusalOf(say())).toMatchObject({ status: 500 });
    expect(said()).toBe(1);
    expect(github.requests()).toMatchObject([{ status: null, fault: 'lose-answer' }]);
  });

  test('an answer takes its time', async () => {
    const { github, ref } = await start();
    await ref();
    github.fault({ fault: { do: 'delay', ms: 150 } });
    const before = performance.now();
    await ref();
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  test('an answer never comes', async () => {
    const { github, client } = await start();
    github.fault({ fault: { do: 'hang' } });
    const signal = AbortSignal.timeout(200);
    const call = client.rest.git.getRef({ ...shop, ref: 'heads/main', request: { signal } });
    await expect(call).rejects.toThrow(/abort|timeout/i);
  });

  test('reads may come from before the last writes, writes never do', async () => {
    const { github, sha, client, say } = await start();
    const seen = async () =>
      (await client.rest.repos.listCommitStatusesForRef({ ...shop, ref: sha })).data.length;
    await say();
    await say();
    github.fault({ fault: { do: 'stale', writes: 1 }, operations: ['repos/list-commit-statuses-for-ref'] });
    expect(await seen()).toBe(1);
    github.fault({ fault: { do: 'stale', writes: 2 }, times: 2 });
    await say();
    expect(await seen()).toBe(1);
    expect(await seen()).toBe(3);
  });

  test('a stale ref makes the next update no fast forward', async () => {
    const { github, client, ref } = await start();
    const commit = async (parent: string, message: string) => {
      const { data } = await client.rest.git.getCommit({ ...shop, commit_sha: parent });
      return (
        await client.rest.git.createCommit({ ...shop, message, tree: data.tree.sha, parents: [parent] })
      ).data.sha;
    };
    const move = (sha: string) => client.rest.git.updateRef({ ...shop, ref: 'heads/main', sha });
    const stale = (await ref()).data.object.sha;
    await move(await commit(stale, 'theirs'));
    github.fault({ fault: { do: 'stale', writes: 1 }, operations: ['git/get-ref'] });
    expect((await ref()).data.object.sha).toBe(stale);
    expect(await refusalOf(move(await commit(stale, 'ours')))).toMatchObject({ status: 422 });
  });

  test('all of it is down, and comes back with everything it knew', async () => {
    const { github, say, said } = await start();
    await say();
    await github.down();
    expect(await refusalOf(say())).toMatchObject({ status: 500 });
    await github.up();
    expect((await say()).status).toBe(201);
    expect(said()).toBe(2);
  });
});

describe('a fault hits', () => {
  const error: Fault = { do: 'server-error', status: 503 };

  test('one operation and no other', async () => {
    const { github, ref, say } = await start();
    github.fault({ fault: error, operations: ['repos/create-commit-status'] });
    expect((await ref()).status).toBe(200);
    expect(await refusalOf(say())).toMatchObject({ status: 503 });
  });

  test('from the nth request on, this many times', async () => {
    const { github, ref } = await start();
    github.fault({ fault: error, nth: 2, times: 2 });
    const outcomes = [];
    for (let n = 0; n < 4; n += 1) outcomes.push((await refusalOf(ref())).status);
    expect(outcomes).toEqual([undefined, 503, 503, undefined]);
  });

  test('what its predicate picks, until faults are cleared', async () => {
    const { github, client, sha } = await start();
    const say = (context: string) =>
      client.rest.repos.createCommitStatus({ ...shop, sha, state: 'success', context });
    github.fault({
      fault: error,
      matching: ({ body }) => JSON.stringify(body).includes('canary'),
      times: 'always',
    });
    expect((await say('e2e')).status).toBe(201);
    expect(await refusalOf(say('canary'))).toMatchObject({ status: 503 });
    github.clearFaults();
    expect((await say('canary')).status).toBe(201);
  });
});
