import { getOctokit } from '@actions/github';
import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import type { GitHubOptions } from './github.ts';
import { githubForTest } from './in-test.ts';
import { leastPermissions } from './permissions.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start(options: GitHubOptions = {}) {
  const github = await githubForTest(options);
  github.seed.repository({ owner: 'shine', name: 'shop' });
  const sha = github.seed.commit('shine/shop');
  return { github, sha, client: clientOf(github) };
}

describe('who may do what', () => {
  test.each([
    ['none', '', 401, 'Requires authentication'],
    ['an unknown one', 'Bearer ghs_unknown', 401, 'Bad credentials'],
  ])('a token is needed: %s', async (_, authorization, status, message) => {
    const { github } = await start();
    const headers = authorization === '' ? {} : { authorization };
    const response = await fetch(`${github.url}/repos/shine/shop`, { headers });
    expect([response.status, await response.json()]).toMatchObject([status, { message }]);
  });

  test("a fork's read-only token reads and cannot write", async () => {
    const { github, sha } = await start();
    const fork = clientOf(github, { contents: 'read', statuses: 'read', 'pull-requests': 'read' });
    expect((await fork.rest.repos.getCombinedStatusForRef({ ...shop, ref: sha })).data.state).toBe('pending');
    const refused = await refusalOf(fork.rest.repos.createCommitStatus({ ...shop, sha, state: 'success' }));
    expect(refused).toEqual({
      status: 403,
      message: expect.stringContaining('Resource not accessible by integration'),
    });
  });

  test('a token that has run out is refused', async () => {
    const { github } = await start();
    github.seed.token('ghs_old', { login: 'mara', type: 'installation', permissions: {} });
    const client = getOctokit('ghs_old', { baseUrl: github.url });
    expect((await client.rest.repos.get({ ...shop })).status).toBe(200);
    github.seed.revokeToken('ghs_old');
    expect(await refusalOf(client.rest.repos.get({ ...shop }))).toMatchObject({ status: 401 });
  });

  test('the least permissions for what was asked are known, and are enough', async () => {
    const { github, sha, client } = await start();
    const work = async ({ rest }: typeof client) => {
      await rest.git.getRef({ ...shop, ref: 'heads/main' });
      await rest.git.createBlob({ ...shop, content: 'x' });
      await rest.repos.createCommitStatus({ ...shop, sha, state: 'success' });
      await rest.issues.createComment({ ...shop, issue_number, body: 'x' });
      await rest.issues.get({ ...shop, issue_number });
    };
    const issue_number = (await client.rest.issues.create({ ...shop, title: 'x' })).data.number;
    await work(client);
    const least = leastPermissions(github.requests());
    expect(least).toEqual({ contents: 'write', statuses: 'write', issues: 'write' });
    await work(clientOf(github, least));
  });

  test('a refusal names the permission that is missing', async () => {
    const { github } = await start();
    github.seed.token('ghs_small', { login: 'mara', type: 'installation', permissions: {} });
    const headers = { authorization: 'token ghs_small' };
    const response = await fetch(`${github.url}/repos/shine/shop/deployments`, { headers });
    expect(response.headers.get('x-accepted-github-permissions')).toBe('deployments=read');
  });

  test('a private repository is hidden from who may not read it', async () => {
    const { github } = await start();
    github.seed.repository({ owner: 'shine', name: 'vault', private: true });
    const client = clientOf(github, { issues: 'read' });
    const call = client.rest.git.getRef({ owner: 'shine', repo: 'vault', ref: 'heads/main' });
    expect(await refusalOf(call)).toMatchObject({ status: 404 });
  });

  test('a token made for one repository changes no other', async () => {
    const { github } = await start();
    github.seed.repository({ owner: 'shine', name: 'other' });
    const permissions = { issues: 'write' } as const;
    github.seed.token('ghs_one', {
      login: 'mara',
      type: 'installation',
      permissions,
      repositories: ['shine/shop'],
    });
    const client = getOctokit('ghs_one', { baseUrl: github.url });
    const open = (repo: string) => client.rest.issues.create({ owner: 'shine', repo, title: 'Hello' });
    expect((await open('shop')).status).toBe(201);
    expect(await refusalOf(open('other'))).toMatchObject({ status: 403 });
  });
});

describe('limits and caches', () => {
  test("the hour's requests are counted down and then refused until the hour is over", async () => {
    let now = Date.parse('2026-05-01T12:00:00Z');
    const { client } = await start({ hourlyRequests: 2, clock: () => now });
    const ask = () => client.rest.git.getRef({ ...shop, ref: 'heads/main' });
    expect((await ask()).headers['x-ratelimit-remaining']).toBe('1');
    await ask();
    expect(await refusalOf(ask())).toMatchObject({
      status: 403,
      message: expect.stringContaining('rate limit'),
    });
    now += 3_600_000;
    expect((await ask()).status).toBe(200);
  });

  test('what has not changed is not sent again and costs nothing', async () => {
    const { github, sha, client } = await start();
    const ask = (etag = '') =>
      client.rest.repos.listCommitStatusesForRef({ ...shop, ref: sha, headers: { 'if-none-match': etag } });
    const { headers } = await ask();
    expect(await refusalOf(ask(headers.etag))).toMatchObject({ status: 304 });
    const left = Number(headers['x-ratelimit-remaining']);
    await client.rest.repos.createCommitStatus({ ...shop, sha, state: 'success' });
    const changed = await ask(headers.etag);
    expect(changed.data).toHaveLength(1);
    expect(Number(changed.headers['x-ratelimit-remaining'])).toBe(left - 2);
    expect(github.requests().map(({ status }) => status)).toEqual([200, 304, 201, 200]);
  });

  test('GitHub Enterprise Server answers below /api/v3', async () => {
    const { github, client } = await start({ flavour: 'ghes' });
    expect(github.url).toMatch(/\/api\/v3$/);
    const { data } = await client.rest.git.getRef({ ...shop, ref: 'heads/main' });
    expect(data.url).toBe(`${github.url}/repos/shine/shop/git/refs/heads/main`);
    github.seed.token('ghs_x', { login: 'mara', type: 'installation', permissions: {} });
    const outside = `${github.url.replace('/api/v3', '')}/repos/shine/shop`;
    expect((await fetch(outside, { headers: { authorization: 'token ghs_x' } })).status).toBe(404);
    expect(github.takeViolations()).toMatchObject([{ side: 'request', operationId: null }]);
  });

  test('every request is written down with what it needs', async () => {
    const { github, client } = await start();
    await client.rest.issues.listForRepo({ ...shop });
    expect(github.requests()).toEqual([
      {
        operationId: 'issues/list-for-repo',
        method: 'GET',
        path: '/repos/shine/shop/issues',
        login: 'github-actions[bot]',
        needs: [{ permission: 'issues', access: 'read' }],
        status: 200,
        fault: null,
      },
    ]);
  });
});
