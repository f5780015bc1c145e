import { getOctokit } from '@actions/github';
import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { operations } from './description.ts';
import type { GitHub, GitHubOptions } from './github.ts';
import { githubForTest } from './in-test.ts';
import { compose } from './outgoing.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start(options: GitHubOptions = {}) {
  const github = await githubForTest(options);
  github.seed.repository({ owner: 'shine', name: 'shop' });
  const sha = github.seed.commit('shine/shop');
  return { github, sha, client: clientOf(github) };
}

const green = (): Readonly<Record<string, unknown>> => ({ state: 'green' });

/** What the description forbids is a mistake in our client: it is refused, and it fails the test that did it. */
function mistakes(github: GitHub) {
  return github.takeViolations().map(({ side, problems }) => `${side}: ${problems.join('; ')}`);
}

describe('what the description does not allow is refused', () => {
  test.each([
    ['an unknown key', { sha: 'x', forced: true }, 'body /forced is not in GitHub'],
    ['a missing field', { force: true }, "body / must have required property 'sha'"],
    ['a wrong type', { sha: 5 }, 'body /sha must be string'],
  ])('%s in the body', async (_, body, problem) => {
    const { github, client } = await start();
    const call = client.request({ method: 'PATCH', url: '/repos/shine/shop/git/refs/heads/main', ...body });
    expect(await refusalOf(call)).toMatchObject({ status: 422 });
    expect(mistakes(github)).toEqual([expect.stringContaining(problem)]);
  });

  test('a value that is none of those listed', async () => {
    const { github, sha, client } = await start();
    const call = client.request({ method: 'POST', url: `/repos/shine/shop/statuses/${sha}`, ...green() });
    expect(await refusalOf(call)).toMatchObject({ status: 422 });
    expect(mistakes(github)).toEqual([expect.stringContaining('["error","failure","pending","success"]')]);
  });

  test('an unknown key deep in the body', async () => {
    const { github, client } = await start();
    const tree = [{ path: 'a', mode: '100644', type: 'blob', text: 'x' }];
    await refusalOf(client.request({ method: 'POST', url: '/repos/shine/shop/git/trees', tree }));
    expect(mistakes(github)).toEqual(["request: body /tree/0/text is not in GitHub's description"]);
  });

  test('free keys where the description has free keys', async () => {
    const { client } = await start();
    const made = await client.rest.repos.createDeployment({
      ...{ ...shop, ref: 'main', auto_merge: false, required_contexts: [] },
      payload: { any: { thing: [1] } },
    });
    expect(made.status).toBe(201);
  });

  test.each([
    ['/repos/shine/shop/deployments?enviroment=production', 'query /enviroment is not in'],
    ['/repos/shine/shop/issues?state=done', 'query /state must be equal to one of the allowed values'],
    ['/repos/shine/shop/issues?per_page=many', 'query /per_page must be integer'],
    ['/repos/shine/shop/issues/first', 'path /issue_number must be integer'],
    ['/repos/shine/shop/deploys', 'is no operation'],
  ])('GET %s', async (url, problem) => {
    const { github, client } = await start();
    expect(await refusalOf(client.request(`GET ${url}`))).toMatchObject({ status: expect.any(Number) });
    expect(mistakes(github)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    [{ accept: 'text/csv' }, 415],
    [{ 'x-github-api-version': '1999-01-01' }, 400],
    [{ 'content-type': 'text/plain' }, 422],
  ])('the headers %j', async (headers, status) => {
    const { github } = await start();
    expect((await plainPost(github, '{"content":"x"}', headers)).status).toBe(status);
    expect(mistakes(github)).toHaveLength(1);
  });

  test('a body that is not JSON', async () => {
    const { github } = await start();
    expect((await plainPost(github, '{')).status).toBe(400);
    expect(mistakes(github)).toEqual(['request: body is not JSON']);
  });
});

function plainPost(github: GitHub, body: string, headers: Readonly<Record<string, string>> = {}) {
  github.seed.token('ghs_plain', { login: 'mara', type: 'installation', permissions: { contents: 'write' } });
  return fetch(`${github.url}/repos/shine/shop/git/blobs`, {
    method: 'POST',
    headers: { authorization: 'Bearer ghs_plain', 'content-type': 'application/json', ...headers },
    body,
  });
}

describe('an answer that the description does not allow is not sent', () => {
  const operation = operations.find(({ operationId }) => operationId === 'repos/create-deployment-status');
  const url = new URL('http://localhost/');
  test.each([
    ['a value that is none of those listed', 201, { state: 'done' }, '/state must be equal to one of'],
    ['a wrong type', 201, { state: 'success', id: 'one' }, '/id must be integer'],
    [
      'a key nobody described',
      201,
      { state: 'success', colour: 'green' },
      "/colour is not in GitHub's description",
    ],
    ['a status nobody described', 200, {}, 'status 200 is not in the description'],
  ])('%s', (_, status, body, problem) => {
    if (operation === undefined) throw new Error('the operation is not in the subset');
    expect(compose({ status, body }, operation, {}, url).problems).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});

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
    expect(mistakes(github)).toEqual([expect.stringContaining('is no operation')]);
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
        needs: [
          { permission: 'issues', access: 'read' },
          { permission: 'pull-requests', access: 'read' },
        ],
        status: 200,
        fault: null,
      },
    ]);
  });
});
