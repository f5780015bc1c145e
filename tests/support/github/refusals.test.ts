import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { operations } from './description.ts';
import { newFaults } from './faults.ts';
import type { GitHub } from './github.ts';
import { githubForTest } from './in-test.ts';
import { compose } from './outgoing.ts';
import { newRateLimiter } from './rate-limit.ts';
import { newSeed } from './seed.ts';
import { type Memory, react, type Service } from './service.ts';
import { emptyWorld } from './state/world.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start() {
  const github = await githubForTest();
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

  test('it becomes a violation and a server error, and its write does not happen', () => {
    const seeded: Memory = { world: emptyWorld, earlier: [], tokens: new Map(), violations: [], log: [] };
    const seed = newSeed(seeded, Date.now);
    const repository = seed.repository({ owner: 'shine', name: 'shop' });
    seed.token('ghs_x', { login: 'mara', type: 'installation', permissions: {} });
    const before = seeded.world;
    const wrong = () => ({ status: 200, body: { id: 'one' }, repository: { ...repository, lastId: 7 } });
    const service: Service = {
      ...{ memory: seeded, handlers: { 'repos/get': wrong }, faults: newFaults(), clock: Date.now },
      ...{ limiter: newRateLimiter(10, Date.now), queries: newRateLimiter(10, Date.now) },
      ...{ api: () => 'http://localhost', worldFor: () => seeded.world },
    };
    const headers = { authorization: 'token ghs_x', 'user-agent': 'test' };
    const asked = { method: 'GET', url: new URL('http://localhost/repos/shine/shop'), headers, body: '' };
    expect(react(service, asked).outgoing.status).toBe(500);
    expect(seeded.violations).toMatchObject([{ side: 'answer', operationId: 'repos/get' }]);
    expect(seeded.world).toBe(before);
  });
});
