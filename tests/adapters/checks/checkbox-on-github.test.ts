import { describe, expect, it } from 'vitest';
import { checksOf, findingOf } from '../../support/check-context.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { HOUR, NOW, READ_ALL, stageOnGitHub } from './on-github.ts';

const ENTRY = { check: 'checkbox', text: 'Rollback tested' };
const iso = (hoursAgo: number): string => new Date(NOW - hoursAgo * HOUR).toISOString().replace('.000Z', 'Z');

/** An issue of ada's that bob ticked two hours ago. */
async function ticked() {
  const stage = await stageOnGitHub();
  const { seed } = stage.github;
  const issue = seed.issue(REPOSITORY, { author: 'ada', body: 'Plan\n- [ ] Rollback tested', at: iso(30) });
  const edit = (by: string, body: string, hoursAgo: number): void =>
    seed.edit(REPOSITORY, issue, { by, body, at: iso(hoursAgo) });
  edit('bob', 'Plan\n- [x] Rollback tested', 2);
  return { ...stage, issue, edit, entry: { ...ENTRY, issue } };
}

describe('a ticked item', () => {
  it('is looked for in the pull request that brought the commit, or in the issue that is named', async () => {
    const { github, ask } = await stageOnGitHub();
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
    const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' } });
    const pull = github.seed.pull(REPOSITORY, {
      head: 'change',
      body: '- [ ] Rollback tested\n',
      author: 'ada',
    });
    expect(await ask(ENTRY, { sha })).toMatchObject({ status: 'fail', code: 'not-met' });
    github.seed.edit(REPOSITORY, pull, { by: 'bob', body: '- [x] Rollback tested\r\n', at: iso(2) });
    expect(await ask(ENTRY, { sha })).toMatchObject({ status: 'pass', observed: 'ticked by bob 2h ago' });
    const issue = github.seed.issue(REPOSITORY, { author: 'eve', body: '- [x] Rollback tested', at: iso(5) });
    expect(await ask({ ...ENTRY, issue })).toMatchObject({ observed: 'ticked by eve 5h ago' });
    expect(await ask({ ...ENTRY, issue: 4_242 })).toMatchObject({ status: 'error' });
  });

  it('counts only of the people who are named', async () => {
    const { ask, entry } = await ticked();
    expect(await ask({ ...entry, people: ['Bob'] })).toMatchObject({ status: 'pass' });
    expect(await ask({ ...entry, people: ['kim'] })).toMatchObject({
      status: 'fail',
      code: 'unapproved',
      observed: 'ticked by bob 2h ago; bob may not tick it',
    });
  });

  it('counts only of members of the team', async () => {
    const { github, ask, entry } = await ticked();
    const team = 'shine/release';
    github.seed.team(team, { kim: 'member' });
    expect(await ask({ ...entry, team })).toMatchObject({
      observed: 'ticked by bob 2h ago; bob is not in shine/release',
    });
    github.seed.team(team, { bob: 'member' });
    expect(await ask({ ...entry, team })).toMatchObject({ status: 'pass' });
  });

  it('does not count of the one who started the run, or of the author, where it is so set', async () => {
    const { ask, entry, edit } = await ticked();
    const others = { ...entry, 'allow-self': false };
    expect(await ask(others, { actor: 'Bob' })).toMatchObject({ status: 'fail', code: 'unapproved' });
    expect(await ask(others, { actor: 'kim' })).toMatchObject({ status: 'pass' });
    expect(await ask(others, { actor: '' })).toMatchObject({ status: 'error' });
    edit('ada', 'Plan\n- [ ] Rollback tested', 1.5);
    edit('ada', 'Plan\n- [x] Rollback tested', 1);
    expect(await ask({ ...entry, 'allow-author': false })).toMatchObject({
      status: 'fail',
      observed: 'ticked by ada 1h ago; ada is the author',
    });
    expect(await ask(entry)).toMatchObject({ status: 'pass', observed: 'ticked by ada 1h ago' });
  });

  it('grows old', async () => {
    const { ask, entry } = await ticked();
    expect(await ask({ ...entry, 'max-age': '3h' })).toMatchObject({ status: 'pass' });
    expect(await ask({ ...entry, 'max-age': '1h' })).toMatchObject({
      status: 'fail',
      code: 'stale',
      expected: `"Rollback tested" ticked in #${entry.issue}, at most 1h ago`,
    });
  });

  it('must be ticked anew when its words have changed', async () => {
    const { ask, entry, edit } = await ticked();
    edit('bob', 'Plan\n- [x] Rollback tested with the new schema', 1);
    expect(await ask({ ...entry, people: ['bob'] })).toMatchObject({
      status: 'fail',
      code: 'stale',
      observed: 'reworded by bob 1h ago, after it was ticked',
    });
    expect(await ask(entry)).toMatchObject({ status: 'pass' });
  });

  it('must have been ticked after the commit was pushed, where it is so set', async () => {
    const { github, sha, at, ask, entry } = await ticked();
    const bound = { ...entry, 'since-commit': true };
    expect(await ask(bound)).toMatchObject({ status: 'error' });
    at(NOW - 3 * HOUR);
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    expect(await ask(bound)).toMatchObject({ status: 'pass' });
    const later = github.seed.commit(REPOSITORY, { files: { 'b.txt': 'b' } });
    at(NOW - HOUR);
    github.seed.checkRun(REPOSITORY, { commit: later, name: 'unit' });
    expect(await ask(bound, { sha: later })).toMatchObject({ status: 'fail', code: 'stale' });
  });

  it('reads the whole history, however many pages it has', async () => {
    const { ask, entry, edit } = await ticked();
    for (let n = 0; n < 130; n += 1) edit('eve', `Plan ${n}\n- [x] Rollback tested`, 1);
    expect(await ask(entry)).toMatchObject({ observed: 'ticked by bob 2h ago' });
  });

  it('names nobody when the history cannot be read, and is an error where somebody is asked for', async () => {
    const { github, entry, context, subject } = await ticked();
    github.fault({
      fault: { do: 'refuse', status: 403, message: 'no' },
      operations: ['graphql/IssueEdits'],
      times: 'always',
    });
    expect(await findingOf(entry, context(READ_ALL), subject)).toMatchObject({
      status: 'pass',
      observed: 'ticked',
    });
    for (const asked of [
      { people: ['bob'] },
      { 'allow-self': false },
      { 'allow-author': false },
      { 'max-age': '5h' },
    ])
      expect(
        await findingOf({ ...entry, ...asked }, context(READ_ALL), subject),
        JSON.stringify(asked),
      ).toMatchObject({
        status: 'error',
        code: 'unauthorized',
      });
  });

  it('is an error where somebody is asked for and the edit is gone from the history', async () => {
    const { github, issue, entry, ask } = await ticked();
    github.seed.editBodyGone(REPOSITORY, issue, 0, 'eve');
    expect(await ask(entry)).toMatchObject({ status: 'pass', observed: 'ticked' });
    expect(await ask({ ...entry, people: ['bob'] })).toMatchObject({ status: 'error', code: 'unreadable' });
  });

  it('of an account that is gone is nobody’s', async () => {
    const { github, issue, ask, entry } = await ticked();
    github.seed.edit(REPOSITORY, issue, { by: null, body: '- [x] Rollback tested!', at: iso(1) });
    expect(await ask({ ...entry, 'allow-self': false })).toMatchObject({ status: 'fail' });
    expect(await ask(entry)).toMatchObject({ observed: 'ticked by ghost 1h ago' });
  });

  it('is for a team or for people, not for both', () => {
    expect(() => checksOf({ ...ENTRY, team: 'shine/qa', people: ['bob'] })).toThrow(
      'either a team or people',
    );
  });
});
