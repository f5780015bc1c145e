import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgeFacts } from '../../src/adapters/github/facts.ts';
import { isQuery } from '../../src/adapters/github/graphql.ts';
import {
  ACTIONS,
  CHECKS,
  COMMANDS,
  FREE_ROUTES,
  leastFor,
  ORGANISATION_ROUTES,
  reasonsFor,
} from '../../src/adapters/github/permission-table.ts';
import { ROUTES } from '../../src/adapters/github/permissions.ts';
import type { Observer } from '../../src/ports/observer.ts';
import type { GitHub } from '../support/github/github.ts';
import { githubForTest } from '../support/github/in-test.ts';
import { type Access, leastPermissions } from '../support/github/permissions.ts';
import { type GitHubStage, setGitHubStage } from '../support/github-stage.ts';
import { forgeOn, REPOSITORY, seedRepository } from '../support/on-github.ts';
import { operationOf, operations } from '../support/operations.ts';

const LEAST: Readonly<Record<string, Access>> = Object.fromEntries(
  leastFor([ACTIONS.canary]).map(({ key, level }) => [key, level]),
);
const without = (missing: string): Readonly<Record<string, Access>> =>
  Object.fromEntries(Object.entries(LEAST).filter(([key]) => key !== missing));

describe('the table of requests', () => {
  const listed = [...Object.values(ACTIONS), ...COMMANDS, ...CHECKS].flatMap(({ routes }) => routes);

  it('names for every request a permission that GitHub says is enough', () => {
    for (const [route, { key, level }] of Object.entries(ROUTES).filter(([name]) => !isQuery(name)))
      expect(operations[operationOf(route)], route).toMatchObject({ [key]: level });
    for (const route of FREE_ROUTES)
      expect(operations[operationOf(route)], route).toEqual({ metadata: 'read' });
    for (const route of ORGANISATION_ROUTES)
      expect(operations[operationOf(route)], route).toEqual({ members: 'read' });
  });

  it('names for every query the permission that its fields need', async () => {
    const github = await githubForTest();
    seedRepository(github);
    github.seed.issue(REPOSITORY);
    const pull = github.seed.pull(REPOSITORY, { head: 'main' });
    const permissions = { contents: 'read', issues: 'read', 'pull-requests': 'read' } as const;
    const facts = forgeFacts(forgeOn(github, { permissions }), new AbortController().signal);
    await facts.branchRules('main');
    await facts.bodyHistory('issue', 1);
    await facts.bodyHistory('pull', pull);
    const asked = github.requests().flatMap(({ operationId, needs }) => {
      const needed = needs.map(({ permission: key, access: level }) => ({ key, level }));
      return operationId?.startsWith('graphql/') ? [[operationId, needed]] : [];
    });
    const known = Object.entries(ROUTES).filter(([route]) => isQuery(route));
    expect(Object.fromEntries(asked)).toEqual(
      Object.fromEntries(known.map(([route, needed]) => [operationOf(route), [needed]])),
    );
  });

  it('knows every request that is listed for somebody, and lists every request that it knows', () => {
    const known = [...Object.keys(ROUTES), ...FREE_ROUTES, ...ORGANISATION_ROUTES];
    expect([...new Set(listed)].sort()).toEqual(known.sort());
  });

  it.each(['canary', 'rollback', 'reconcile', 'load-test', 'pr-status', 'deploy', 'task'] as const)(
    'says of %s what each permission is for, and asks for none in vain',
    (action) => {
      const needed = leastFor([ACTIONS[action]]).map(({ key, level }) => `${key}: ${level}`);
      const explained = reasonsFor(action).map(({ key, level }) => `${key}: ${level}`);
      expect(needed).toEqual(explained.sort());
    },
  );
});

let stage: GitHubStage;
beforeEach(async () => {
  stage = await setGitHubStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.github.violations(), 'what GitHub does not describe').toEqual([]);
});

const shownOn = (github: GitHub) => {
  const { deployments, statuses, issues } = github.repository(REPOSITORY);
  return { deployments: deployments.size, statuses: statuses.length, issues: issues.size };
};

describe('with exactly the permissions of its README', () => {
  it('a bad rollout, a good one, its rollback and reconcile ask for nothing that the table has not', async () => {
    const told: (string | null)[] = [];
    const play = { permissions: LEAST, unshown: (why: string | null) => void told.push(why) };
    expect((await stage.rollOut('v2', { ...play, failing: 0.4 })).reasonCode).toBe('guardrail-breached');
    expect((await stage.rollOut('v3', play)).reasonCode).toBe('promoted');
    expect((await stage.rollBack('customers complain', play)).reasonCode).toBe('restored');
    await stage.reconcile({ ...play, later: 3_600_000 });
    expect(told).toEqual([null, null, null, null]);
    const allowed = new Set(ACTIONS.canary.routes.map(operationOf));
    const asked = new Set(stage.github.requests().map(({ operationId }) => operationId ?? ''));
    expect([...asked].filter((operation) => !allowed.has(operation))).toEqual([]);
    expect(LEAST).toMatchObject(leastPermissions(stage.github.requests()));
  });
});

describe('with one permission taken away', () => {
  it.each([
    ['nothing', undefined],
    ['only read', 'read'],
  ] as const)(
    'contents (%s left): a rollout does not begin, moves no traffic and shows nothing',
    async (_, left) => {
      const permissions = left === undefined ? without('contents') : { ...LEAST, contents: left };
      const moves: string[] = [];
      const observe: Observer = (one) => void (one.type === 'moved' && moves.push(one.event));
      const result = await stage.rollOut('v2', { permissions, observe });
      expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'ledger-unavailable' });
      expect(result.message).toMatch(/permissions: \{ contents: (read|write) \}/);
      expect(moves.filter((event) => event === 'shifted')).toEqual([]);
      expect(await stage.shareOfB()).toBe(0);
      expect(shownOn(stage.github)).toEqual({ deployments: 0, statuses: 0, issues: 0 });
      expect(stage.entries()).toHaveLength(1);
    },
  );

  it.each(['deployments', 'statuses', 'issues'] as const)(
    '%s: traffic comes home as it must, and what is missing is named',
    async (missing) => {
      const told: (string | null)[] = [];
      const permissions = without(missing);
      const result = await stage.rollOut('v2', {
        permissions,
        failing: 0.4,
        unshown: (why) => void told.push(why),
      });
      expect(result.reasonCode).toBe('guardrail-breached');
      expect(await stage.shareOfB()).toBe(0);
      expect(told.join()).toMatch(new RegExp(`permissions: \\{ ${missing}: (read|write) \\}`));
      expect(shownOn(stage.github)[missing]).toBe(0);
    },
  );

  it('contents: a rollback says so, names the way without the ledger, and touches nothing', async () => {
    await stage.rollOut('v2');
    const result = await stage.rollBack('customers complain', { permissions: without('contents') });
    expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'ledger-unavailable' });
    expect(result.message).toMatch(/permissions: \{ contents: read \}.*to-slot/);
    expect(await stage.shareOfB()).toBe(100);
  });
});
