import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { INPUTS, readInputs } from '../../src/actions/inputs.ts';
import { readPullEvent } from '../../src/adapters/github/event.ts';
import { ACTIONS } from '../../src/adapters/github/permission-table.ts';
import { readBoard } from '../../src/core/report/gate-board.ts';
import { githubForTest } from '../support/github/in-test.ts';
import type { Access } from '../support/github/permissions.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';
import { operationOf } from '../support/operations.ts';
import { sourceActions } from '../support/source-action.ts';

const actions = await sourceActions({
  'pr-status/main': ['src/actions/pr-status.ts', 'prStatusMain'],
  'preflight/main': ['src/actions/preflight.ts', 'preflightMain'],
  'deploy/main': ['src/actions/deploy.ts', 'deployMain'],
  'e2e-gate/main': ['src/actions/e2e-gate.ts', 'e2eGateMain'],
  'load-test/main': ['src/actions/load-test.ts', 'loadTestMain'],
});
afterAll(() => actions.remove());

const LEAST = { statuses: 'write', 'pull-requests': 'write' } as const;
const READ_ONLY = { statuses: 'read', 'pull-requests': 'read', contents: 'read', issues: 'read' } as const;
const passed = (message: string): string =>
  JSON.stringify({ schemaVersion: 1, operation: 'preflight', verdict: 'pass', message, findings: [] });

/** What all these steps have asked of GitHub. */
const asked = new Set<string>();

interface Scene {
  /** Left out: this repository. */
  readonly fork?: string;
}

async function openPull({ fork }: Scene = {}) {
  const github = await githubForTest();
  seedRepository(github);
  const head = github.seed.commit(REPOSITORY, { branch: 'change', files: { a: '1' } });
  const number = github.seed.pull(REPOSITORY, { head: 'change', ...(fork === undefined ? {} : { fork }) });
  const payload = {
    action: 'synchronize',
    pull_request: {
      number,
      head: { sha: head, repo: { full_name: fork ?? REPOSITORY } },
      base: { repo: { full_name: REPOSITORY } },
    },
  };
  const play = async (
    inputs: Readonly<Record<string, string>>,
    permissions: Readonly<Record<string, Access>> = LEAST,
    event: string = JSON.stringify(payload),
    env: Readonly<Record<string, string>> = {},
  ) => {
    const file = join(actions.folder, `event-${Math.random()}.json`);
    writeFileSync(file, event);
    const before = github.requests().length;
    const step = await actions.play('pr-status/main', inputs, {
      ...jobEnv(github, { permissions }),
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: file,
      GITHUB_SHA: '9'.repeat(40),
      GITHUB_RUN_ID: '77',
      ...env,
    });
    for (const { operationId } of github.requests().slice(before)) asked.add(operationId ?? 'none');
    return step;
  };
  const comments = () => [...github.repository(REPOSITORY).comments.values()];
  const statuses = () =>
    github
      .repository(REPOSITORY)
      .statuses.filter(({ sha }) => sha === head)
      .map(({ context, state, description }) => [context, state, description]);
  const board = () => comments().flatMap(({ body }) => readBoard(body));
  return { github, head, number, play, comments, statuses, board };
}

describe('a gate of a pull request', () => {
  it('is pending and then passes: two statuses with links, one comment that is edited', async () => {
    const { github, head, play, comments, statuses } = await openPull();
    expect((await play({ gate: 'preflight', pending: 'true' })).code).toBe(0);
    const [before] = comments();
    expect(before?.body).toContain('⏳ Pending');
    const step = await play({
      gate: 'preflight',
      result: passed('the staging checklist is green: 5 passed'),
    });
    expect(step).toMatchObject({ code: 0, outputs: { verdict: 'pass', 'reason-code': 'shown' } });
    expect(statuses()).toEqual([
      ['deploy-canary/preflight', 'pending', 'not finished yet'],
      ['deploy-canary/preflight', 'success', 'the staging checklist is green: 5 passed'],
    ]);
    expect(github.repository(REPOSITORY).statuses.at(-1)?.targetUrl).toMatch(
      /\/actions\/runs\/77\/attempts\/1$/,
    );
    expect(comments()).toHaveLength(1);
    expect(comments()[0]?.id).toBe(before?.id);
    expect(comments()[0]?.body).toContain('✅ Pass');
    expect(comments()[0]?.body).toContain(head.slice(0, 7));
    expect(step.summary).toContain('the staging checklist is green');
  });

  it('beside another one: both stand in the same comment', async () => {
    const { play, comments, board } = await openPull();
    await play({ gate: 'preflight', result: passed('all green') });
    await play({ gate: 'e2e-gate', verdict: 'fail', description: 'flow "book a ride" failed' });
    expect(comments()).toHaveLength(1);
    expect(board().map(({ gate, state }) => [gate, state])).toEqual([
      ['e2e-gate', 'failure'],
      ['preflight', 'success'],
    ]);
    expect(comments()[0]?.body).toContain('1 of 2 gates shut');
  });

  it('that says no fails only its own step, and inconclusive is an error', async () => {
    const { play, statuses } = await openPull();
    expect((await play({ gate: 'load-test', verdict: 'inconclusive' })).code).toBe(0);
    expect(statuses()).toEqual([['deploy-canary/load-test', 'error', 'inconclusive']]);
  });

  it('that ended without a result does not stay pending', async () => {
    const { play, statuses } = await openPull();
    await play({ gate: 'preflight', pending: 'true' });
    await play({ gate: 'preflight', result: '' });
    expect(statuses().at(-1)?.slice(1)).toEqual(['error', 'ended without a result; see the log of its job']);
  });

  it('says why in at most 140 characters', async () => {
    const { play, statuses } = await openPull();
    const description = `${'The 🚗 list is long. '.repeat(20)}`;
    await play({ gate: 'preflight', verdict: 'fail', description });
    const [, , told] = statuses()[0] ?? [];
    expect(told?.length).toBeLessThanOrEqual(140);
    expect(told).toMatch(/^The 🚗 list.*…$/u);
  });

  it('cannot mention anybody, write HTML, or end the hidden part of the comment', async () => {
    const { play, comments, board } = await openPull();
    const hostile =
      '@shine/team <img src=x onerror=1> --> | [x](javascript:1) `a` ![i](https://evil.example/p.png)';
    await play({ gate: 'preflight', verdict: 'fail', description: hostile });
    const body = comments()[0]?.body ?? '';
    const seen = body
      .split('\n')
      .filter((line) => !line.startsWith('<!--'))
      .join('\n');
    expect(seen).not.toMatch(/@shine|<img|-->|(?<!\\)\]\(javascript|!\[i\]\(/);
    expect(body.match(/-->/g), 'the ends of the two hidden lines').toHaveLength(2);
    expect(board()[0]?.description).toBe(hostile);
  });
});

describe('a gate that could not begin', () => {
  const GATES = ['preflight', 'deploy', 'e2e-gate', 'load-test'] as const;
  const refuse = (gate: string, inputs: Readonly<Record<string, string>>) => {
    const wrong =
      'version: 1\nservice: Booking API\ne2e: { staging: { reports: a.xml, flows: { a: { tests: [a] } } } }\n';
    writeFileSync(join(actions.folder, 'wrong.yml'), wrong);
    return actions.play(`${gate}/main`, { config: 'wrong.yml', ...inputs }, { GITHUB_SHA: '9'.repeat(40) });
  };

  it.each(GATES)('for a wrong configuration says so at the pull request: %s', async (gate) => {
    const refused = await refuse(gate, {});
    expect(refused).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': 'config-invalid' } });
    const result: unknown = JSON.parse(refused.outputs.result ?? 'null');
    expect(result).toMatchObject({ schemaVersion: 1, operation: gate, reasonCode: 'config-invalid' });
    const { play, statuses, board } = await openPull();
    await play({ gate, pending: 'true' });
    expect((await play({ gate, result: refused.outputs.result ?? '' })).code).toBe(0);
    const why = /^wrong\.yml:2:10 service expected a service name of letters.*Booking API/;
    expect(statuses().at(-1)).toEqual([
      `deploy-canary/${gate}`,
      'failure',
      expect.stringContaining('wrong.yml:2:10 service expected a service name'),
    ]);
    expect(board()).toMatchObject([{ gate, state: 'failure', description: expect.stringMatching(why) }]);
  });

  it.each([
    ['a wrong input', 'deploy', { sha: 'main' }, 'input sha: expected a full commit SHA of 40 hex digits'],
    ['no configuration', 'e2e-gate', { config: 'nowhere.yml' }, 'nowhere.yml'],
  ])('for %s says so, too', async (_, gate, inputs, why) => {
    const refused = await refuse(gate, inputs);
    const { play, statuses } = await openPull();
    await play({ gate, result: refused.outputs.result ?? '' });
    expect(statuses().at(-1)?.slice(1)).toEqual(['failure', expect.stringContaining(why)]);
  });
});

describe('gates that end at once', () => {
  it('all stand in one comment, even when none was there before', async () => {
    const { play, comments, board, statuses } = await openPull();
    const gates = ['a', 'b', 'c', 'd'];
    const steps = await Promise.all(gates.map((gate) => play({ gate, verdict: 'pass', description: gate })));
    expect(steps.map(({ outputs }) => outputs['reason-code'])).toEqual(gates.map(() => 'shown'));
    expect(statuses()).toHaveLength(4);
    expect(comments()).toHaveLength(1);
    expect(board().map(({ gate }) => gate)).toEqual(gates);
  });
});

describe('a pull request that has gone on', () => {
  it('keeps its comment for the newest commit; the older one still gets its status', async () => {
    const { github, head, play, comments, statuses } = await openPull();
    await play({ gate: 'preflight', verdict: 'pass' });
    const before = comments()[0]?.body;
    const older = github.seed.commit(REPOSITORY, { branch: 'aside', files: { b: '1' } });
    const step = await play({ gate: 'preflight', verdict: 'fail', sha: older });
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'superseded' } });
    expect(comments()[0]?.body).toBe(before);
    expect(statuses()).toHaveLength(1);
    expect(github.repository(REPOSITORY).statuses.at(-1)?.sha).toBe(older);
    expect(head).not.toBe(older);
  });
});

describe('a stranger', () => {
  it('who writes a comment that begins like ours gets no word of ours into it', async () => {
    const { github, play, comments, number } = await openPull();
    github.seed.token('stranger', {
      login: 'mallory',
      type: 'user',
      permissions: { 'pull-requests': 'write' },
    });
    await fetch(`${github.url}/repos/${REPOSITORY}/issues/${number}/comments`, {
      method: 'POST',
      headers: { authorization: 'token stranger', 'content-type': 'application/json' },
      body: JSON.stringify({ body: '<!-- deploy-canary:sticky gates -->\nAll is well.' }),
    });
    await play({ gate: 'preflight', verdict: 'fail' });
    expect(comments().map(({ creator }) => creator)).toEqual(['mallory', 'github-actions[bot]']);
    expect(comments()[0]?.body).toContain('All is well.');
  });
});

describe('a token that may not write', () => {
  it('of a fork: says what it could not do and why, and fails nothing', async () => {
    const { play, comments, statuses } = await openPull({ fork: 'somebody/booking' });
    const step = await play({ gate: 'preflight', result: passed('all green') }, READ_ONLY);
    expect(step).toMatchObject({ code: 0, outputs: { verdict: 'pass', 'reason-code': 'read-only-token' } });
    for (const told of [step.log, step.summary]) {
      expect(told).toContain('a pull request from a fork can only read');
      expect(told).toMatch(/statuses: ?write/);
      expect(told).toMatch(/pull-requests: ?write/);
    }
    expect(step.summary).toContain('all green');
    expect([...comments(), ...statuses()]).toEqual([]);
  });

  it('of Dependabot: the same', async () => {
    const { play } = await openPull();
    const step = await play({ gate: 'preflight', verdict: 'pass' }, READ_ONLY, undefined, {
      GITHUB_ACTOR: 'dependabot[bot]',
    });
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'read-only-token' } });
    expect(step.log).toContain('a run of Dependabot can only read');
  });

  it.each([
    ['statuses', 0, 1],
    ['pull-requests', 1, 0],
  ])(
    'of the repository itself, without "%s: write": the step fails and names it; the rest is shown',
    async (missing, told, commented) => {
      const { play, comments, statuses } = await openPull();
      const { [missing]: _, ...permissions }: Record<string, Access> = LEAST;
      const step = await play({ gate: 'preflight', verdict: 'pass' }, permissions);
      expect(step).toMatchObject({ code: 1, outputs: { verdict: 'fail', 'reason-code': 'not-shown' } });
      expect(step.log).toContain(`permissions: { ${missing}: write }`);
      expect([statuses().length, comments().length]).toEqual([told, commented]);
    },
  );

  it('is enough for the status alone with comment: false', async () => {
    const { play, comments, statuses } = await openPull();
    const step = await play({ gate: 'preflight', verdict: 'pass', comment: 'false' }, { statuses: 'write' });
    expect(step.code).toBe(0);
    expect([statuses().length, comments().length]).toEqual([1, 0]);
  });
});

describe('an event file', () => {
  it.each([
    '[]',
    '{',
    '{"pull_request":{"number":"1"}}',
    '{"pull_request":{"number":1,"head":{"sha":"main"}}}',
  ])('that is odd, such as "%s", tells of no pull request', async (event) => {
    const file = join(actions.folder, 'odd.json');
    writeFileSync(file, event);
    expect(await readPullEvent(file)).toBeNull();
  });

  it('that is gone makes the step ask for the commit instead of guessing one', async () => {
    const { github, play } = await openPull();
    const env = { GITHUB_EVENT_PATH: join(actions.folder, 'gone.json') };
    const step = await play({ gate: 'preflight', verdict: 'pass' }, LEAST, '{}', env);
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'config-invalid' } });
    expect(step.log).toContain('set the input `sha`');
    expect(github.requests()).toHaveLength(0);
  });

  it('of a fork that is gone is of a fork', async () => {
    const file = join(actions.folder, 'gone-fork.json');
    const head = { sha: '1'.repeat(40), repo: null };
    writeFileSync(
      file,
      JSON.stringify({ pull_request: { number: 1, head, base: { repo: { full_name: 'a/b' } } } }),
    );
    expect(await readPullEvent(file)).toEqual({ number: 1, head: head.sha, isFork: true });
  });

  it('that is odd matters not when the inputs say it all', async () => {
    const { head, number, play, board } = await openPull();
    const inputs = { gate: 'preflight', verdict: 'pass', sha: head, 'pull-request': String(number) };
    expect((await play(inputs, LEAST, '[]')).code).toBe(0);
    expect(board()).toHaveLength(1);
  });

  it('of a push has no pull request: the status is set at the commit of the run', async () => {
    const { head, play, comments, statuses } = await openPull();
    const env = { GITHUB_EVENT_NAME: 'push', GITHUB_SHA: head };
    expect(
      (await play({ gate: 'preflight', verdict: 'pass' }, LEAST, '{"ref":"refs/heads/main"}', env)).code,
    ).toBe(0);
    expect([statuses().length, comments().length]).toEqual([1, 0]);
  });
});

describe('inputs', () => {
  it.each([
    [{ gate: 'Pre Flight', verdict: 'pass' }, 'kebab-case'],
    [{ gate: 'preflight', result: '{"verdict":"pass"' }, 'expected the `result` output'],
    [{ gate: 'preflight', verdict: 'pass', pending: 'true' }, 'saw `verdict` and `pending`'],
    [{ gate: 'preflight', verdict: 'pass', url: 'javascript:alert(1)' }, 'begins with https://'],
    [{ verdict: 'pass' }, 'input gate: is required'],
  ])('such as %j are refused', (given, words) => {
    const inputs = new Map<string, string>(Object.entries(given));
    const read = readInputs(INPUTS['pr-status'], (name) => inputs.get(name) ?? '', {});
    expect(read.ok ? '' : read.problems.join()).toContain(words);
  });

  it('that are wrong fail the step before anything is asked', async () => {
    const { github, play } = await openPull();
    const step = await play({ gate: 'preflight', result: 'null' });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'config-invalid' } });
    expect(github.requests()).toHaveLength(0);
  });
});

/** Only when two gates have made a comment in the same moment. */
const SOMETIMES = 'issues/delete-comment';

describe('what was really asked of GitHub', () => {
  it('is what the table lists, no more and no less', () => {
    const always = (operations: readonly string[]): string[] =>
      operations.filter((one) => one !== SOMETIMES).sort();
    expect(always([...asked])).toEqual(always(ACTIONS['pr-status'].routes.map(operationOf)));
  });
});
