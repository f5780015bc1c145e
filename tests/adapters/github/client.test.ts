import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createGitHub } from '../../../src/adapters/github/client.ts';
import { ROUTES } from '../../../src/adapters/github/permissions.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Forge } from '../../../src/ports/forge.ts';
import type { FaultRule } from '../../support/github/faults.ts';
import { type GitHub, startGitHub } from '../../support/github/github.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, jobEnv, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();
const mask = (): void => undefined;
const LIST = {
  route: 'GET /repos/{owner}/{repo}/issues',
  answer: z.array(z.object({ number: z.number() })).readonly(),
};
const NEW_ISSUE = {
  route: 'POST /repos/{owner}/{repo}/issues',
  params: { title: 'One' },
  answer: z.object({ number: z.number() }),
};

async function start(rule?: FaultRule): Promise<{ readonly github: GitHub; readonly forge: Forge }> {
  const github = await githubForTest();
  seedRepository(github);
  if (rule !== undefined) github.fault(rule);
  return { github, forge: forgeOn(github, { timeout: 1_000 }) };
}

/** The first answers take the local GitHub longer, while it reads what GitHub describes. */
beforeAll(async () => {
  const github = await startGitHub();
  seedRepository(github);
  const patient = forgeOn(github, { timeout: 20_000 });
  await patient.request(NEW_ISSUE, signal);
  await patient.request(LIST, signal);
  await github.stop();
});

/** A clock whose sleeps take no time, and are written down. */
function quickClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let passed = 0;
  return {
    slept,
    now: () => systemClock.now() + passed,
    monotonic: () => systemClock.monotonic() + passed,
    sleep: async (ms) => {
      slept.push(Math.round(ms));
      passed += ms;
    },
  };
}

describe('a request to GitHub', () => {
  it.each<FaultRule['fault']>([
    { do: 'server-error', status: 502 },
    { do: 'cut' },
    { do: 'hang' },
    { do: 'lose-answer' },
  ])('that only reads is sent again after "$do"', async (fault) => {
    const { github, forge } = await start({ fault });
    expect(await forge.request(LIST, signal)).toEqual([]);
    expect(github.requests()).toHaveLength(2);
    expect(forge.usage().requests).toBe(2);
  });

  it('is given up after four attempts, and the failure says what to check', async () => {
    const { forge } = await start({ fault: { do: 'server-error', status: 503 }, times: 10 });
    const failing = forge.request(LIST, signal);
    await expect(failing).rejects.toMatchObject({ code: 'refused', retryable: true });
    await expect(failing).rejects.toThrow('check githubstatus.com');
    expect(forge.usage().requests).toBe(4);
  });

  it.each<FaultRule['fault']>([{ do: 'server-error', status: 502 }, { do: 'lose-answer' }, { do: 'hang' }])(
    'that writes is never sent twice after "$do", unless its caller says that it may be',
    async (fault) => {
      const { github, forge } = await start({ fault });
      await expect(forge.request(NEW_ISSUE, signal)).rejects.toMatchObject({ retryable: true });
      expect(github.requests()).toHaveLength(1);
      github.fault({ fault });
      await forge.request({ ...NEW_ISSUE, repeatable: true }, signal);
      expect(github.requests()).toHaveLength(3);
    },
  );

  it('that writes is sent again when it was turned away or never arrived', async () => {
    const { github, forge } = await start({ fault: { do: 'secondary-limit', retryAfterSeconds: 0 } });
    expect(await forge.request(NEW_ISSUE, signal)).toEqual({ number: 1 });
    await github.down();
    await expect(forge.request(NEW_ISSUE, signal)).rejects.toMatchObject({ code: 'unreachable' });
    expect(forge.usage().requests, 'two of them arrived').toBe(2 + 4);
  });

  it('ends when its caller stops waiting, and says so', async () => {
    const { forge } = await start({ fault: { do: 'hang' }, times: 10 });
    const failing = forge.request(LIST, AbortSignal.timeout(100));
    await expect(failing).rejects.toMatchObject({ code: 'timeout', retryable: true });
    await expect(forge.request(LIST, AbortSignal.abort())).rejects.toThrow('the call stopped before');
    expect(forge.usage().requests).toBe(1);
  });

  it('goes through every page until it has as many as were asked for', async () => {
    const { forge } = await start();
    for (let count = 0; count < 105; count += 1) await forge.request(NEW_ISSUE, signal);
    const before = forge.usage().requests;
    expect(await forge.paginate(LIST, 1_000, signal)).toHaveLength(105);
    expect(forge.usage().requests - before).toBe(2);
    expect((await forge.paginate(LIST, 3, signal)).map(({ number }) => number)).toEqual([105, 104, 103]);
  });

  it('tells what is not there from what failed', async () => {
    const { forge } = await start();
    const missing = {
      route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
      params: { ref: 'heads/none' },
      answer: z.unknown(),
    };
    expect(await forge.attempt(missing, signal)).toMatchObject({ kind: 'refused', status: 404 });
    await expect(forge.request(missing, signal)).rejects.toThrow('`permissions: { contents: read }`');
  });

  it('whose answer is another than described is a failure that says which', async () => {
    const { forge } = await start();
    const wrong = { ...LIST, answer: z.object({ total: z.number() }) };
    await expect(forge.request(wrong, signal)).rejects.toMatchObject({
      code: 'invalid-answer',
      retryable: false,
    });
  });
});

describe('a GitHub that asks for fewer requests', () => {
  const slow = async (fault: FaultRule['fault']) => {
    const github = await githubForTest();
    seedRepository(github);
    github.fault({ fault });
    const clock = quickClock();
    return { clock, forge: createGitHub({ env: jobEnv(github), clock, mask, random: () => 0 }) };
  };

  it('gets the pause that it asks for', async () => {
    const { clock, forge } = await slow({ do: 'secondary-limit', retryAfterSeconds: 7 });
    await forge.request(NEW_ISSUE, signal);
    expect(Math.max(...clock.slept)).toBeGreaterThan(6_900);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(7_000);
  });

  it.each<FaultRule['fault']>([
    { do: 'primary-limit', resetInSeconds: 900 },
    { do: 'secondary-limit', retryAfterSeconds: 300 },
    { do: 'secondary-limit', status: 429 },
  ])('for longer than anybody waits is left alone at once, by everybody', async (fault) => {
    const { clock, forge } = await slow(fault);
    await expect(forge.request(LIST, signal)).rejects.toThrow('without requests');
    await expect(forge.request(NEW_ISSUE, signal)).rejects.toMatchObject({
      code: 'refused',
      retryable: true,
    });
    expect(forge.usage().requests).toBe(1);
    expect(Math.max(0, ...clock.slept)).toBeLessThan(15_000);
  });

  it('says how much of the allowance is left', async () => {
    const { forge } = await start();
    expect(forge.usage()).toEqual({ requests: 0, remaining: null });
    await forge.request(LIST, signal);
    expect(forge.usage()).toEqual({ requests: 1, remaining: 999 });
  });
});

describe('a job without what it needs', () => {
  it('is told which permission is missing, in the words of a workflow', async () => {
    const github = await githubForTest();
    seedRepository(github);
    const forge = forgeOn(github, { permissions: { contents: 'read' } });
    const failing = forge.request(NEW_ISSUE, signal);
    await expect(failing).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
    await expect(failing).rejects.toThrow('add to the job: `permissions: { issues: write }`');
    expect(forge.usage().requests, 'asking again would not help').toBe(1);
  });

  it('is told that its token is not taken, without the token', async () => {
    const github = await githubForTest();
    seedRepository(github);
    const env = { ...jobEnv(github), GITHUB_TOKEN: 'ghs_expired' };
    const failing = createGitHub({ env, clock: systemClock, mask }).request(LIST, signal);
    await expect(failing).rejects.toThrow(/401 \(Bad credentials\); set GITHUB_TOKEN/);
    await expect(failing).rejects.not.toThrow('ghs_expired');
  });

  it.each([
    ['a token', { GITHUB_TOKEN: '' }, 'expected a token in the variable GITHUB_TOKEN, saw nothing'],
    [
      'a repository',
      { GITHUB_REPOSITORY: undefined },
      'expected owner/name in GITHUB_REPOSITORY, saw nothing',
    ],
    ['a whole repository', { GITHUB_REPOSITORY: 'shine' }, 'saw "shine"'],
  ])('such as %s is told before anything is sent', async (_, without, words) => {
    const github = await githubForTest();
    const env = { ...jobEnv(github), ...without };
    expect(() => createGitHub({ env, clock: systemClock, mask })).toThrow(words);
  });

  it('has its token masked before it is used', async () => {
    const github = await githubForTest();
    const masked: string[] = [];
    const env = jobEnv(github);
    createGitHub({ env, clock: systemClock, mask: (secret) => masked.push(secret) });
    expect(masked).toEqual([env.GITHUB_TOKEN]);
  });
});

describe('GitHub Enterprise Server', () => {
  it('is asked below the path that GITHUB_API_URL names, and linked to without it', async () => {
    const github = await githubForTest({ flavour: 'ghes' });
    seedRepository(github);
    const forge = forgeOn(github);
    await forge.request(LIST, signal);
    expect(github.requests()).toMatchObject([{ operationId: 'issues/list-for-repo', status: 200 }]);
    expect(forge.webUrl).toBe(`${new URL(github.url).origin}/shine/booking`);
  });
});

describe('the table of permissions', () => {
  it('has a key and a level for every route, and no route in more than one spelling', () => {
    const shapes = Object.keys(ROUTES).map((route) => route.replaceAll(/\{[^}]*\}/g, '{}'));
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe('a question to GraphQL', () => {
  const RULES = {
    name: 'BranchRules',
    fields: 'ref(qualifiedName: $ref) { name refUpdateRule { requiresCodeOwnerReviews } }',
    takes: '$ref: String!',
    variables: { ref: 'refs/heads/main' },
    answer: z.object({ ref: z.object({ name: z.string() }) }),
  };
  const MAIN = { ref: { name: 'main' } };

  it.each(['github.com', 'ghes'] as const)('is asked where %s answers it', async (flavour) => {
    const github = await githubForTest({ flavour });
    seedRepository(github);
    expect(await forgeOn(github).query(RULES, signal)).toEqual(MAIN);
  });

  it.each<FaultRule['fault']>([
    { do: 'server-error', status: 502 },
    { do: 'cut' },
    { do: 'hang' },
    { do: 'lose-answer' },
    { do: 'secondary-limit', retryAfterSeconds: 0 },
  ])('is asked again after "$do", and counted', async (fault) => {
    const { github, forge } = await start({ fault });
    expect(await forge.query(RULES, signal)).toEqual(MAIN);
    expect(github.requests()).toHaveLength(2);
    expect(forge.usage().requests).toBe(2);
  });

  it('that a permission is missing for is an error that names it, though GitHub answers with 200', async () => {
    const github = await githubForTest();
    seedRepository(github);
    const failing = forgeOn(github, { permissions: { issues: 'read' } }).query(RULES, signal);
    await expect(failing).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
    await expect(failing).rejects.toThrow('`permissions: { contents: read }`');
  });

  it('never takes a hole for an answer', async () => {
    const { github, forge } = await start();
    const loose = { ...RULES, answer: z.unknown() };
    github.fault({ fault: { do: 'refuse', status: 422, message: 'no such thing' } });
    await expect(forge.query(loose, signal)).rejects.toMatchObject({ code: 'refused' });
    github.fault({ fault: { do: 'refuse', status: 404, message: 'nowhere' } });
    await expect(forge.query(loose, signal)).rejects.toThrow('nowhere');
    const nowhere = { ...RULES, variables: { ref: 'refs/heads/none' } };
    await expect(forge.query(nowhere, signal)).rejects.toMatchObject({ code: 'invalid-answer' });
  });

  it('that used up its allowance closes GraphQL, and leaves the REST API open', async () => {
    const { github, forge } = await start();
    github.fault({ fault: { do: 'primary-limit', resetInSeconds: 600 } });
    await expect(forge.query(RULES, signal)).rejects.toMatchObject({ code: 'refused', retryable: true });
    await expect(forge.query(RULES, signal)).rejects.toThrow('without requests');
    expect(github.requests()).toHaveLength(1);
    expect(await forge.request(LIST, signal)).toEqual([]);
  });

  it('shares a secondary limit with the REST API', async () => {
    const { github, forge } = await start();
    github.fault({ fault: { do: 'secondary-limit', retryAfterSeconds: 600 } });
    await expect(forge.query(RULES, signal)).rejects.toMatchObject({ code: 'refused' });
    await expect(forge.request(LIST, signal)).rejects.toThrow('without requests');
  });
});
