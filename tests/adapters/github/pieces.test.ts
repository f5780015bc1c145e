import { describe, expect, it } from 'vitest';
import { setCommitStatus } from '../../../src/adapters/github/commit-status.ts';
import { recordIncident } from '../../../src/adapters/github/incident.ts';
import { markerOf } from '../../../src/adapters/github/marker.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, REPOSITORY, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();

async function start() {
  const github = await githubForTest();
  seedRepository(github);
  const permissions = { issues: 'write', 'pull-requests': 'write', statuses: 'write' } as const;
  const forge = forgeOn(github, { permissions });
  const answer = { parse: () => null };
  const open = (title: string, body = '') =>
    forge.request({ route: 'POST /repos/{owner}/{repo}/issues', params: { title, body }, answer }, signal);
  return { github, forge, open, repository: () => github.repository(REPOSITORY) };
}

const INCIDENT = {
  rollout: 'booking-1',
  since: Date.now(),
  labels: ['incident', 'deploy-canary'],
  title: 'v2 was rolled back',
  body: 'Because.',
};

describe('an incident', () => {
  it('is one issue, whoever records it and however often', async () => {
    const { github, forge, repository } = await start();
    await recordIncident(forge, INCIDENT, signal);
    await recordIncident(forgeOn(github, { permissions: { issues: 'write' } }), INCIDENT, signal);
    await recordIncident(forge, { ...INCIDENT, body: 'Because.\n\nNow it is over.' }, signal);
    const issues = [...repository().issues.values()];
    expect(issues).toMatchObject([{ title: 'v2 was rolled back', labels: ['incident', 'deploy-canary'] }]);
    expect(issues[0]?.body).toContain('Now it is over.');
  });

  it('is found again after somebody has taken its labels away or closed it, and is left closed', async () => {
    const { forge, repository } = await start();
    await recordIncident(forge, INCIDENT, signal);
    const route = 'PATCH /repos/{owner}/{repo}/issues/{issue_number}';
    const params = { issue_number: 1, labels: [], state: 'closed' };
    await forge.request({ route, params, answer: { parse: () => null } }, signal);
    await recordIncident(forge, { ...INCIDENT, body: 'More.' }, signal);
    expect([...repository().issues.values()]).toMatchObject([{ state: 'closed', labels: [] }]);
  });

  it('of another rollout, or one that is only quoted, is another issue', async () => {
    const { forge, open, repository } = await start();
    await open('Look at this', `> ${markerOf('incident', 'booking-1')}\nsaw it`);
    await recordIncident(forge, INCIDENT, signal);
    await recordIncident(forge, { ...INCIDENT, rollout: 'booking-10' }, signal);
    expect(repository().issues.size).toBe(3);
  });
});

describe('a commit status', () => {
  it('is set once for each thing that it says', async () => {
    const { forge, repository } = await start();
    const sha = repository().refs.get('refs/heads/main') ?? '';
    const status = {
      state: 'pending',
      context: 'deploy-canary/production',
      description: 'on its way',
      url: null,
    } as const;
    for (const state of ['pending', 'pending', 'success', 'success'] as const)
      await setCommitStatus(forge, sha, { ...status, state }, signal);
    await setCommitStatus(forge, sha, { ...status, context: 'deploy-canary/staging' }, signal);
    const seen = repository().statuses.map(({ context, state }) => `${context} ${state}`);
    expect(seen).toEqual([
      'deploy-canary/production pending',
      'deploy-canary/production success',
      'deploy-canary/staging pending',
    ]);
  });
});

describe('a marker', () => {
  it.each(['a --> b', '<!-- x', 'a--!>b', 'ünïcode'])(
    'holds "%s" without ending the comment that it is',
    (id) => {
      expect(markerOf('sticky', id)).toMatch(/^<!-- deploy-canary:sticky [\w%.!~*'()]+ -->$/);
    },
  );
});
