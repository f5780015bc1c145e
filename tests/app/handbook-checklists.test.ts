import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileLedger } from '../../src/adapters/ledger/file-ledger.ts';
import type { GateResult, Subject } from '../../src/core/checks/gate-result.ts';
import { renderGateSummary } from '../../src/core/report/gate-summary.ts';
import { emptyRecord, type ServiceRecord } from '../../src/core/rollout/record.ts';
import { runGate } from '../../src/wire-gate.ts';
import { HOUR, NOW, READ_ALL, type Stage, stageOnGitHub } from '../adapters/checks/on-github.ts';
import { openScene, type Scene, TOKEN } from '../adapters/traffic/scene.ts';
import { DEPLOY_PAYLOAD } from '../support/deploy-payload.ts';
import { cloneInto } from '../support/github/clone.ts';
import { jobEnv, REPOSITORY } from '../support/on-github.ts';

const EXAMPLE = readFileSync(new URL('../../examples/shine/deploy-canary.yml', import.meta.url), 'utf8');
const signal = new AbortController().signal;

interface Production extends Stage {
  readonly home: string;
  readonly runId: number;
  readonly scene: Scene;
  readonly record: (record: Partial<ServiceRecord>) => Promise<void>;
  readonly status: (context: string, state: 'success' | 'failure' | 'pending') => Promise<unknown>;
  readonly run: (more?: Partial<Subject>) => Promise<GateResult>;
}

/** The handbook's production checklist over a state in which everything is as it should be. */
async function production(): Promise<Production> {
  const stage = await stageOnGitHub();
  const { github, octokit, here, sha } = stage;
  const home = mkdtempSync(join(tmpdir(), 'handbook-'));
  const scene = await openScene();
  onTestFinished(async () => {
    await scene.close();
    rmSync(home, { recursive: true, force: true });
  });
  mkdirSync(join(home, 'deploy'));
  script(home, 'image-exists.sh', 'test "$PREVIOUS_VERSION" = v1.3.0');
  script(home, 'migrations-compatible.sh', 'exit 0');
  github.seed.tag(REPOSITORY, 'v1.3.0', sha);
  cloneInto(github.repository(REPOSITORY), home);
  writeFileSync(
    join(home, 'deploy-canary.yml'),
    EXAMPLE.replaceAll('http://127.0.0.1:9901', scene.proxy.adminUrl),
  );
  const ledger = fileLedger({
    path: join(home, '.deploy-canary/ledger'),
    environment: 'production',
    service: 'booking-api',
    keep: 100,
  });
  let revision = 0;
  const record: Production['record'] = async (more) => {
    const entry = {
      at: NOW,
      note: 'seeded',
      record: { ...emptyRecord('booking-api', 'production'), ...more },
    };
    await ledger.append(revision, entry, signal);
    revision += 1;
  };
  const status: Production['status'] = (context, state) =>
    octokit.rest.repos.createCommitStatus({ ...here, sha, context, state });
  const runId = github.seed.workflowRun(REPOSITORY, { commit: sha });
  await deploy(stage, sha, 'success');
  await status('deploy-canary/e2e-gate', 'success');
  await status('deploy-canary/load-test', 'success');
  github.seed.codeScanningAnalysis(REPOSITORY, { sha });
  github.seed.approval(REPOSITORY, approvalBy('bob', runId));
  await record({ stable: { slot: 'a', version: 'v1.3.0' } });
  const env = {
    ...jobEnv(github, { permissions: READ_ALL }),
    PATH: process.env.PATH,
    DEPLOY_CANARY_ROUTER_TOKEN: TOKEN,
  };
  const run: Production['run'] = async (more = {}) => {
    const subject = { ...stage.subject, runId, ...more };
    const own = { config: 'deploy-canary.yml', environment: 'production', checklist: 'production', subject };
    const outcome = await runGate(
      { ...own, env, baseDir: home, mask: () => undefined, log: () => undefined },
      signal,
    );
    if (!outcome.ok) throw new Error(outcome.report);
    return outcome.result;
  };
  return { ...stage, home, runId, scene, record, status, run };
}

function script(home: string, name: string, line: string): void {
  writeFileSync(join(home, 'deploy', name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(home, 'deploy', name), 0o755);
}

const approvalBy = (user: string, run: number, state: 'approved' | 'rejected' = 'approved') => {
  return { run, environments: ['production'], state, user, comment: '' };
};

async function deploy({ octokit, here }: Stage, ref: string, state: 'success' | 'failure' | 'inactive') {
  const asked = { environment: 'staging', auto_merge: false, required_contexts: [], payload: DEPLOY_PAYLOAD };
  const options = { ...here, ref, ...asked };
  const { data } = await octokit.rest.repos.createDeployment(options);
  if (!('id' in data)) throw new Error('no deployment');
  await octokit.rest.repos.createDeploymentStatus({ ...here, deployment_id: data.id, state });
}

describe("the handbook's production checklist", () => {
  it('is green when all six items are, within few requests, and changes nothing anywhere', async () => {
    const stage = await production();
    const before = stage.github.requests().length;
    const result = await stage.run();
    expect(result).toMatchObject({ verdict: 'pass', reasonCode: 'checks-passed', failed: [] });
    expect(result.findings.map(({ title, status }) => `${title}: ${status}`)).toEqual([
      'Staging deployment successful: pass',
      'E2E tests passing: pass',
      'Performance tests passing: pass',
      'Security scan completed: pass',
      'Deployment approval obtained: pass',
      'Rollback plan prepared: pass',
      'Database migrations tested: pass',
      'No deployment freeze: pass',
    ]);
    const requests = stage.github.requests().slice(before);
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    // E2E and load test share one list of statuses.
    expect(requests.length).toBeLessThanOrEqual(12);
    expect((await stage.scene.router.read(signal)).shares).toEqual({ a: 100, b: 0 });
  });

  const WRONG: readonly (readonly [string, (stage: Production) => unknown, string, string])[] = [
    ['staging runs another commit', otherInStaging, 'deployed', 'superseded'],
    [
      'the staging deployment failed since',
      (stage) => deploy(stage, stage.sha, 'failure'),
      'deployed',
      'failed',
    ],
    ['the E2E gate is red', ({ status }) => status('deploy-canary/e2e-gate', 'failure'), 'e2e', 'failed'],
    [
      'the E2E gate is not finished',
      ({ status }) => status('deploy-canary/e2e-gate', 'pending'),
      'e2e',
      'pending',
    ],
    [
      'the load test is red',
      ({ status }) => status('deploy-canary/load-test', 'failure'),
      'load-test',
      'failed',
    ],
    ['a hole is open', ({ github }) => github.seed.codeScanningAlert(REPOSITORY), 'security-scan', 'not-met'],
    [
      'a dependency has a hole',
      ({ github }) => github.seed.dependabotAlert(REPOSITORY),
      'security-scan',
      'not-met',
    ],
    ['somebody rejected it', rejected, 'approval', 'refused'],
    ['nothing served here before', ({ record }) => record({}), 'rollback-plan', 'missing'],
    [
      'the image is gone',
      ({ home }) => script(home, 'image-exists.sh', 'exit 1'),
      'rollback-plan',
      'missing',
    ],
    ['the router is away', ({ scene }) => scene.close(), 'rollback-plan', 'missing'],
    ['somebody holds the router', holdRouter, 'rollback-plan', 'missing'],
    ['GitHub is away', ({ github }) => github.down(), 'deployed', 'unavailable'],
  ];

  it.each(WRONG)('is not green when %s', async (_, spoil, check, code) => {
    const stage = await production();
    await spoil(stage);
    const result = await stage.run();
    expect(result.verdict).not.toBe('pass');
    expect(result.failed).toContain(check);
    expect(result.findings.find((finding) => finding.check === check)).toMatchObject({ code });
    // What staging runs is asked about twice.
    const staging = check === 'deployed' ? ['migrations'] : [];
    if (code !== 'unavailable') expect(result.failed).toEqual([check, ...staging]);
  });

  it('is not green for another commit, for the starter of the run, or a day later', async () => {
    const stage = await production();
    const other = stage.github.seed.commit(REPOSITORY, { files: { 'x.txt': 'x' } });
    expect((await stage.run({ sha: other })).failed).toEqual([
      'deployed',
      'e2e',
      'load-test',
      'security-scan',
      'approval',
      'migrations',
    ]);
    expect((await stage.run({ actor: 'bob' })).failed).toEqual(['approval']);
    expect((await stage.run({ now: NOW + 24 * HOUR })).failed).toEqual(['e2e', 'load-test']);
  });

  it('only warns of a weekend', async () => {
    const stage = await production();
    const result = await stage.run({ now: Date.parse('2026-11-22T12:00:00Z') });
    expect(result.findings.at(-1)).toMatchObject({ check: 'freeze', status: 'warn', code: 'frozen' });
    expect(result.verdict).toBe('pass');
  });

  it('tells a person in the summary what is wrong, first, and what to do', async () => {
    const stage = await production();
    await stage.status('deploy-canary/e2e-gate', 'failure');
    const summary = renderGateSummary(await stage.run(), 100_000);
    expect(summary).toContain(
      '## ❌ The production checklist is not green, 1 of 8 checks: E2E tests passing.',
    );
    const rows = summary.split('\n').filter((line) => line.startsWith('| '));
    expect(rows[2]).toContain('**E2E tests passing** | ✗ fail | failure 1h ago');
    expect(rows[2]).toContain('see its report');
    expect(rows).toHaveLength(10);
  });
});

async function otherInStaging(stage: Production): Promise<void> {
  await deploy(stage, stage.github.seed.commit(REPOSITORY, { files: { 'x.txt': 'x' } }), 'success');
}

function rejected({ github, runId }: Production): void {
  github.seed.approval(REPOSITORY, approvalBy('eve', runId, 'rejected'));
}

function holdRouter({ scene }: Production): Promise<void> {
  const lease = { holder: 'booking-api-1', ttl: 60_000, fallback: 'a' } as const;
  return scene.router.shift({ shares: { a: 90, b: 10 }, lease, token: 1 }, signal);
}
