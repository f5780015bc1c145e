import { describe, expect, test } from 'vitest';
import type { Fault } from './faults.ts';
import type { GitHubOptions } from './github.ts';
import { githubForTest } from './in-test.ts';
import { type Fields, fields, list } from './json.ts';
import { type Access, leastPermissions } from './permissions.ts';

const ALL = { contents: 'read', issues: 'read', 'pull-requests': 'read' } as const;
const EDITS = `query Edits($number: Int!, $first: Int, $after: String) {
  repository(owner: "shine", name: "shop") {
    issueOrPullRequest(number: $number) {
      __typename
      ... on Issue {
        author { login }
        includesCreatedEdit
        userContentEdits(first: $first, after: $after) {
          totalCount
          nodes { editor { __typename login } editedAt diff deletedAt }
          pageInfo { endCursor hasNextPage }
        }
      }
    }
  }
}`;
const RULES = `query Rules($ref: String!) {
  repository(owner: "shine", name: "shop") {
    ref(qualifiedName: $ref) {
      refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts requiresCodeOwnerReviews }
    }
  }
}`;

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Fields;
  readonly errors: readonly Fields[];
}

async function start(options: GitHubOptions = {}, permissions: Readonly<Record<string, Access>> = ALL) {
  const github = await githubForTest(options);
  github.seed.repository({ owner: 'shine', name: 'shop' });
  github.seed.token('ghs_x', { login: 'github-actions[bot]', type: 'installation', permissions });
  const place = `${github.url.replace('/api/v3', '/api')}/graphql`;
  const send = async (body: unknown, url = place): Promise<Said> => {
    const headers = {
      authorization: 'bearer ghs_x',
      'content-type': 'application/json',
      'user-agent': 'test',
    };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const said = fields(await response.json());
    const { status } = response;
    return {
      status,
      headers: response.headers,
      data: fields(said.data),
      errors: list(said.errors).map(fields),
    };
  };
  return { github, send, ask: (query: string, variables: Fields = {}) => send({ query, variables }) };
}

describe('GraphQL on the local GitHub', () => {
  test('tells of edits, newest first, with the making as soon as there is another', async () => {
    const { github, ask } = await start();
    const number = github.seed.issue('shine/shop', {
      body: '- [ ] a',
      author: 'ada',
      at: '2026-11-01T10:00:00Z',
    });
    const before = await ask(EDITS, { number, first: 10 });
    expect(before.data).toMatchObject({
      repository: {
        issueOrPullRequest: {
          __typename: 'Issue',
          includesCreatedEdit: false,
          userContentEdits: { nodes: [] },
        },
      },
    });
    github.seed.edit('shine/shop', number, { by: 'bob', body: '- [x] a', at: '2026-11-02T10:00:00Z' });
    github.seed.edit('shine/shop', number, { by: 'k9[bot]', body: '- [x] b', at: '2026-11-03T10:00:00Z' });
    github.seed.editBodyGone('shine/shop', number, 1, 'ada');
    const after = await ask(EDITS, { number, first: 2 });
    const connection = fields(fields(fields(after.data.repository).issueOrPullRequest).userContentEdits);
    expect(connection).toMatchObject({
      totalCount: 3,
      nodes: [
        { editor: { __typename: 'Bot', login: 'k9' }, diff: '- [x] b', deletedAt: null },
        { editor: { __typename: 'User', login: 'bob' }, diff: null, deletedAt: '2026-11-02T10:00:00Z' },
      ],
      pageInfo: { hasNextPage: true },
    });
    const { endCursor } = fields(connection.pageInfo);
    const last = await ask(EDITS, { number, first: 2, after: endCursor });
    expect(last.data).toMatchObject({
      repository: {
        issueOrPullRequest: {
          userContentEdits: { nodes: [{ diff: '- [ ] a' }], pageInfo: { hasNextPage: false } },
        },
      },
    });
  });

  test('remembers an edit that came over REST', async () => {
    const { github, ask } = await start({}, { ...ALL, issues: 'write' });
    const number = github.seed.issue('shine/shop', { body: 'one' });
    const headers = { authorization: 'bearer ghs_x', 'content-type': 'application/json' };
    const body = JSON.stringify({ body: 'two' });
    await fetch(`${github.url}/repos/shine/shop/issues/${number}`, { method: 'PATCH', headers, body });
    const { data } = await ask(EDITS, { number, first: 10 });
    expect(data).toMatchObject({
      repository: {
        issueOrPullRequest: {
          userContentEdits: {
            nodes: [
              { editor: { __typename: 'Bot', login: 'github-actions' }, diff: 'two' },
              { editor: { login: 'octocat' }, diff: 'one' },
            ],
          },
        },
      },
    });
  });

  test('tells of classic protection, and of a branch without', async () => {
    const { github, ask } = await start();
    const ruleOf = async (ref: string) => fields((await ask(RULES, { ref })).data.repository).ref;
    expect(await ruleOf('refs/heads/main')).toEqual({ refUpdateRule: null });
    expect(await ruleOf('refs/heads/none')).toBeNull();
    github.seed.protection('shine/shop', {
      branch: 'main',
      approvals: 2,
      codeOwners: true,
      requiredChecks: ['unit'],
    });
    expect(await ruleOf('refs/heads/main')).toEqual({
      refUpdateRule: {
        requiredApprovingReviewCount: 2,
        requiredStatusCheckContexts: ['unit'],
        requiresCodeOwnerReviews: true,
      },
    });
  });

  test('stands at /api/graphql of an Enterprise Server, and nowhere else', async () => {
    const { github, send, ask } = await start({ flavour: 'ghes' });
    expect((await ask(RULES, { ref: 'main' })).errors).toEqual([]);
    expect((await send({ query: RULES, variables: { ref: 'main' } }, `${github.url}/graphql`)).status).toBe(
      404,
    );
    expect(github.takeViolations()).toHaveLength(1);
  });

  test('leaves a hole and names the missing permission with 200, and logs what was needed', async () => {
    const { github, ask } = await start({}, { issues: 'read' });
    const number = github.seed.issue('shine/shop');
    expect(await ask(RULES, { ref: 'main' })).toMatchObject({
      status: 200,
      data: { repository: { ref: null } },
      errors: [{ type: 'FORBIDDEN', path: ['repository', 'ref'] }],
    });
    expect((await ask(EDITS, { number, first: 1 })).errors).toEqual([]);
    expect(github.requests().map(({ operationId }) => operationId)).toEqual([
      'graphql/Rules',
      'graphql/Edits',
    ]);
    expect(leastPermissions(github.requests())).toEqual({ contents: 'read', issues: 'read' });
  });

  test('does not find what is not there, and wants a page to be bounded', async () => {
    const { github, ask } = await start();
    const number = github.seed.issue('shine/shop');
    expect((await ask(EDITS, { number: 99, first: 1 })).errors).toMatchObject([{ type: 'NOT_FOUND' }]);
    expect((await ask(EDITS, { number })).errors).toMatchObject([{ type: 'MISSING_PAGINATION_BOUNDARIES' }]);
    expect((await ask(EDITS, { number, first: 101 })).errors).toMatchObject([
      { type: 'EXCESSIVE_PAGINATION' },
    ]);
  });

  test.each([
    [
      'a field that the schema has not',
      { query: '{ repository(owner: "a", name: "b") { stars } }' },
      'stars',
    ],
    ['a write', { query: 'mutation { addStar { clientMutationId } }' }, 'mutation'],
    [
      'a variable of another type',
      { query: RULES.replace('$ref: String!', '$ref: Int!'), variables: { ref: 1 } },
      'String!',
    ],
    ['what is no query', { query: 'repository {' }, 'Syntax Error'],
    ['another key', { query: RULES, variable: {} }, 'variable'],
  ])('%s is a violation', async (_, body, problem) => {
    const { github, send } = await start();
    expect((await send(body)).errors).not.toEqual([]);
    const [violation] = github.takeViolations();
    expect(violation).toMatchObject({ side: 'request' });
    expect(violation?.problems.join()).toContain(problem);
  });

  test('an answer that the schema does not allow is a violation', async () => {
    const { github, ask } = await start();
    const number = github.seed.issue('shine/shop', { body: 'one' });
    github.seed.edit('shine/shop', number, { by: 'bob', body: 'two', at: '2026-11-02T10:00:00Z' });
    const rest = github.repository('shine/shop').issues.get(number);
    if (rest !== undefined) Reflect.set(rest.edits[1] ?? {}, 'at', 'yesterday');
    expect((await ask(EDITS, { number, first: 5 })).status).toBe(500);
    expect(github.takeViolations()).toMatchObject([{ side: 'answer', operationId: 'graphql/Edits' }]);
  });

  test.each<[string, Fault, number]>([
    ['a server error', { do: 'server-error', status: 502 }, 502],
    ['a secondary limit', { do: 'secondary-limit', retryAfterSeconds: 1 }, 403],
    ['the primary limit', { do: 'primary-limit', resetInSeconds: 60 }, 200],
    ['a refusal', { do: 'refuse', status: 403, message: 'no' }, 200],
  ])('%s comes as GraphQL has it', async (_, fault, status) => {
    const { github, ask } = await start();
    github.fault({ fault, operations: ['graphql/Rules'] });
    const answer = await ask(RULES, { ref: 'main' });
    expect(answer.status).toBe(status);
    expect(answer.data).toEqual({});
    expect((await ask(RULES, { ref: 'main' })).data).toMatchObject({ repository: {} });
  });

  test('counts an allowance of its own', async () => {
    const { ask } = await start({ hourlyRequests: 1 });
    const first = await ask(RULES, { ref: 'main' });
    expect(first.headers.get('x-ratelimit-resource')).toBe('graphql');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('0');
    expect((await ask(RULES, { ref: 'main' })).errors).toMatchObject([{ type: 'RATE_LIMITED' }]);
  });
});
