import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextIn, findingOf } from '../../support/check-context.ts';
import { subject } from '../../support/gate-subject.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { HOUR, NOW, READ_ALL, type Stage, stageOnGitHub } from './on-github.ts';

type State = 'success' | 'failure' | 'in_progress' | 'inactive';

async function deploy({ octokit, here }: Stage, ref: string, ...states: readonly State[]): Promise<void> {
  const options = { ...here, ref, environment: 'staging', auto_merge: false, required_contexts: [] };
  const { data } = await octokit.rest.repos.createDeployment(options);
  if (!('id' in data)) throw new Error('no deployment');
  for (const state of states) {
    const status = { ...here, deployment_id: data.id, state, auto_inactive: false };
    await octokit.rest.repos.createDeploymentStatus(status);
  }
}

describe('deployed on GitHub', () => {
  const ENTRY = { check: 'deployed', 'max-age': '24h' };

  it('follows a commit from nothing to success, and sees when another takes its place', async () => {
    const stage = await stageOnGitHub();
    const { sha, ask, github } = stage;
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
    await deploy(stage, sha, 'in_progress');
    expect(await ask(ENTRY)).toMatchObject({ status: 'no-data', code: 'pending' });
    await deploy(stage, sha, 'in_progress', 'success');
    expect(await ask(ENTRY)).toMatchObject({ status: 'pass', code: 'met' });
    expect(await ask(ENTRY, { now: NOW + 30 * HOUR })).toMatchObject({ status: 'fail', code: 'stale' });
    const other = github.seed.commit(REPOSITORY, { files: { 'a.txt': 'a' } });
    await deploy(stage, other, 'success');
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'superseded' });
    expect(await ask({ ...ENTRY, environment: 'preview' })).toMatchObject({
      status: 'fail',
      code: 'missing',
    });
  });
});

describe('e2e and load-test on GitHub', () => {
  it.each([
    ['e2e', 'deploy-canary/e2e-gate'],
    ['load-test', 'deploy-canary/load-test'],
  ])('%s reads the result of its gate at this commit', async (check, context) => {
    const { octokit, here, sha, github, ask } = await stageOnGitHub();
    const other = github.seed.commit(REPOSITORY, { files: { 'a.txt': 'a' } });
    await octokit.rest.repos.createCommitStatus({ ...here, sha: other, context, state: 'success' });
    expect(await ask({ check })).toMatchObject({ status: 'fail', code: 'missing' });
    const description = 'all four flows passed';
    await octokit.rest.repos.createCommitStatus({ ...here, sha, context, state: 'success', description });
    expect(await ask({ check })).toMatchObject({
      status: 'pass',
      observed: 'success 1h ago: all four flows passed',
    });
    expect(await ask({ check }, { now: NOW + 24 * HOUR })).toMatchObject({ status: 'fail', code: 'stale' });
    expect(await ask({ check, creator: 'somebody-else' })).toMatchObject({ status: 'fail', code: 'missing' });
    await octokit.rest.repos.createCommitStatus({ ...here, sha, context, state: 'failure' });
    expect(await ask({ check })).toMatchObject({ status: 'fail', code: 'failed' });
  });
});

describe('security-scan on GitHub', () => {
  const ENTRY = { check: 'security-scan', sources: ['code-scanning', 'dependabot', 'secret-scanning'] };

  it('says no without an analysis of this commit, and while alerts are open beyond the limits', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    github.seed.codeScanningAnalysis(REPOSITORY, { sha: '3'.repeat(40) });
    expect(await ask(ENTRY)).toMatchObject({
      status: 'fail',
      code: 'missing',
      observed: 'no analysis of this commit',
    });
    github.seed.codeScanningAnalysis(REPOSITORY, { sha, error: 'out of memory' });
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
    github.seed.codeScanningAnalysis(REPOSITORY, { sha });
    expect(await ask(ENTRY)).toMatchObject({ status: 'pass', observed: 'no open alert' });
    github.seed.dependabotAlert(REPOSITORY, { severity: 'medium' });
    github.seed.codeScanningAlert(REPOSITORY, { state: 'dismissed' });
    expect(await ask(ENTRY)).toMatchObject({ status: 'pass' });
    github.seed.codeScanningAlert(REPOSITORY, { securitySeverity: 'high' });
    github.seed.secretAlert(REPOSITORY);
    expect(await ask(ENTRY)).toMatchObject({
      status: 'fail',
      observed: '1 critical, the oldest open for 1h; 1 high, the oldest open for 1h',
    });
    const patient = { ...ENTRY, grace: { high: '7d', critical: '7d' } };
    expect(await ask(patient)).toMatchObject({ status: 'pass' });
    expect(await ask({ ...ENTRY, limits: { medium: 0 } })).toMatchObject({
      observed: '1 medium, the oldest open for 1h',
    });
  });

  it('takes scanners that are off for no good news', async () => {
    const { github, ask } = await stageOnGitHub();
    github.seed.repository({ owner: 'shine', name: 'booking', scannersOff: ['code-scanning', 'dependabot'] });
    const finding = await ask({ ...ENTRY, sources: ['dependabot'] });
    expect(finding.status).toBe('error');
    expect((await ask({ ...ENTRY, sources: ['code-scanning'] })).status).toBe('error');
  });

  it.each(['security-events', 'vulnerability-alerts', 'secret-scanning-alerts'])(
    'says that it lacks %s',
    async (name) => {
      const { context, subject } = await stageOnGitHub();
      const { [name]: _gone, ...left } = READ_ALL;
      const finding = await findingOf(ENTRY, context(left), subject);
      expect(finding).toMatchObject({ status: 'error', code: 'unauthorized' });
      expect(finding.observed).toContain(`${name}: read`);
    },
  );
});

describe('security-scan with a file', () => {
  const sarif = (revisionId: string, ...levels: readonly string[]) =>
    JSON.stringify({
      runs: [
        {
          tool: { driver: { name: 'Scanner' } },
          versionControlProvenance: [{ revisionId }],
          results: levels.map((level) => ({ ruleId: 'r', level })),
        },
      ],
    });

  it('says no without a run of this commit, and to results beyond the limits; what is no file is an error', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sarif-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const ask = async (text: string | null) => {
      if (text !== null) writeFileSync(join(home, 'scan.sarif'), text);
      const entry = { check: 'security-scan', sources: ['sarif'], sarif: 'scan.sarif' };
      return findingOf(entry, contextIn(home), subject);
    };
    expect(await ask(null)).toMatchObject({ status: 'error' });
    expect(await ask('<html>')).toMatchObject({ status: 'error', code: 'unreadable' });
    expect(await ask('{}')).toMatchObject({ status: 'fail', code: 'missing' });
    expect(await ask(sarif('3'.repeat(40)))).toMatchObject({ status: 'fail', code: 'missing' });
    expect(await ask(sarif(subject.sha, 'warning', 'note'))).toMatchObject({ status: 'pass' });
    expect(await ask(sarif(subject.sha, 'warning', 'error'))).toMatchObject({
      status: 'fail',
      observed: '1 high',
    });
  });

  it('asks nothing of alerts of another ref', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    github.seed.codeScanningAnalysis(REPOSITORY, { sha });
    github.seed.codeScanningAlert(REPOSITORY, { securitySeverity: 'critical', ref: 'refs/heads/other' });
    const entry = { check: 'security-scan', sources: ['code-scanning'] };
    expect(await ask(entry)).toMatchObject({ status: 'pass' });
    expect(await ask({ ...entry, ref: 'refs/heads/other' })).toMatchObject({
      status: 'fail',
      code: 'missing',
    });
  });
});

describe('freeze on GitHub', () => {
  it('lasts while an incident is open', async () => {
    const { octokit, here, ask } = await stageOnGitHub();
    const entry = { check: 'freeze', 'incident-label': 'incident' };
    expect(await ask(entry)).toMatchObject({ status: 'pass' });
    const { data } = await octokit.rest.issues.create({
      ...here,
      title: 'Bookings are down',
      labels: ['incident'],
    });
    expect(await ask(entry)).toMatchObject({
      status: 'fail',
      code: 'frozen',
      observed: `open incidents: #${data.number} Bookings are down`,
    });
    expect(await ask(entry, { override: 'this is the fix' })).toMatchObject({
      status: 'waived',
      code: 'overridden',
    });
    await octokit.rest.issues.update({ ...here, issue_number: data.number, state: 'closed' });
    expect(await ask(entry)).toMatchObject({ status: 'pass' });
  });
});
