import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileLedger } from '../../../src/adapters/ledger/file-ledger.ts';
import { emptyRecord } from '../../../src/core/rollout/record.ts';
import type { CheckContext } from '../../../src/ports/check.ts';
import { runGate } from '../../../src/wire-gate.ts';
import { findingOf } from '../../support/check-context.ts';
import type { GitHub } from '../../support/github/github.ts';
import type { Access } from '../../support/github/permissions.ts';
import { jobEnv, REPOSITORY } from '../../support/on-github.ts';
import { NOW, stageOnGitHub } from './on-github.ts';

const signal = new AbortController().signal;
const ENTRY = { check: 'rollback-plan', router: false };
const WRITES = ['contents', 'deployments', 'statuses', 'issues'] as const;
const ALL: Readonly<Record<string, Access>> = Object.fromEntries(WRITES.map((key) => [key, 'write']));

function home(): string {
  const path = mkdtempSync(join(tmpdir(), 'rollback-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function staged() {
  const stage = await stageOnGitHub();
  const ledger = fileLedger({ path: home(), environment: 'production', service: 'booking-api', keep: 100 });
  const record = {
    ...emptyRecord('booking-api', 'production'),
    stable: { slot: 'a', version: 'v1.3.0' },
  } as const;
  await ledger.append(0, { at: 0, note: 'seeded', record }, signal);
  const ask = (
    permissions: Readonly<Record<string, Access>>,
    entry: object = ENTRY,
    more: Partial<CheckContext> = {},
  ) =>
    findingOf(
      entry,
      stage.context(permissions, { ledger: () => ledger, writes: WRITES, ...more }),
      stage.subject,
    );
  return { ...stage, ask };
}

/** What people see. */
function shown(github: GitHub) {
  const { refs, commits, statuses, deployments, issues, environments } = github.repository(REPOSITORY);
  return { refs, commits, statuses, deployments, issues, environments };
}

describe('the permissions of a rollback', () => {
  it('are proved by writes that leave nothing behind', async () => {
    const { github, ask } = await staged();
    const before = shown(github);
    expect(await ask(ALL)).toMatchObject({
      status: 'pass',
      observed:
        'back to v1.3.0; no rollout is open; contents can be written; deployments not refused; statuses not refused; issues not refused',
    });
    expect(shown(github)).toEqual(before);
  });

  it.each(WRITES)('without %s, or with only read, it says no, and names it', async (key) => {
    const { github, ask } = await staged();
    const before = shown(github);
    const { [key]: _gone, ...left } = ALL;
    for (const permissions of [left, { ...left, [key]: 'read' } as const]) {
      const finding = await ask(permissions);
      expect(finding).toMatchObject({ status: 'fail', code: 'missing' });
      expect(finding.observed).toContain(`permissions: { ${key}: write }`);
      expect(finding.fix).toContain('`permissions: off`');
    }
    expect(shown(github)).toEqual(before);
  });

  it('of another job are not asked of this one', async () => {
    const { github, ask } = await staged();
    expect(await ask({}, { ...ENTRY, permissions: 'off' })).toMatchObject({ status: 'pass' });
    expect(github.requests()).toEqual([]);
  });

  it('that cannot be asked for are an error, never a yes', async () => {
    const { github, ask } = await staged();
    await github.down();
    expect(await ask(ALL)).toMatchObject({ status: 'error', code: 'unavailable' });
  });

  it.each([
    ['with the ledger there', '{ type: github }', '', [...WRITES]],
    [
      'with fewer records',
      '{ type: github }',
      'github: { statuses: false, incidents: false }',
      ['contents', 'deployments'],
    ],
    [
      'with records alone',
      '{ type: file, path: ledger }',
      'github: { deployments: false }',
      ['statuses', 'issues'],
    ],
    ['with nothing on GitHub', '{ type: file, path: ledger }', '', []],
  ])('are those that the configuration asks for: %s', async (_, ledger, records, wanted) => {
    const { github, subject } = await stageOnGitHub();
    const baseDir = home();
    writeFileSync(join(baseDir, 'deploy-canary.yml'), configWith(ledger, records));
    const env = { ...jobEnv(github, { permissions: { contents: 'read' } }), PATH: process.env.PATH };
    const setting = {
      config: 'deploy-canary.yml',
      environment: 'production',
      checklist: 'way-back',
      subject,
    };
    const run = await runGate(
      { ...setting, env, baseDir, mask: () => undefined, log: () => undefined },
      signal,
    );
    const observed = run.ok ? (run.result.findings[0]?.observed ?? '') : run.report;
    const told = [...observed.matchAll(/permissions: \{ ([\w-]+): write \}/g)].map(([, key]) => key);
    expect(told).toEqual(wanted);
  });
});

describe('credentials that end', () => {
  const credentials = [{ 'expires-env': 'AWS_CREDENTIAL_EXPIRATION', 'at-least': '2h' }];
  const entry = { ...ENTRY, credentials };
  const asked = async (value: string) => {
    const { ask } = await staged();
    return ask({}, entry, { writes: [], env: { AWS_CREDENTIAL_EXPIRATION: value } });
  };

  it.each([
    [new Date(NOW + 3 * 3_600_000).toISOString(), 'pass', 'end in 3h'],
    [String((NOW + 2 * 3_600_000) / 1_000), 'pass', 'end in 2h'],
    [new Date(NOW + 3_600_000).toISOString(), 'fail', 'credentials of AWS_CREDENTIAL_EXPIRATION end in 1h'],
    [new Date(NOW - 1_000).toISOString(), 'fail', 'have ended'],
    ['', 'error', 'saw nothing'],
    ['soon', 'error', 'saw something else'],
  ])('%s: %s', async (value, status, observed) => {
    const finding = await asked(value);
    expect(finding.status).toBe(status);
    expect(finding.observed).toContain(observed);
  });
});

function configWith(ledger: string, records: string): string {
  return `version: 1
service: booking-api
kpis:
  - { id: error-rate, type: ratio, bad: bad_total, total: all_total, alert: '> 2 %' }
environments:
  production:
    router: { type: embedded, admin: 'http://127.0.0.1:1' }
    target: { type: command, start: ['true'], health: { url: 'http://127.0.0.1:1', version-field: version } }
    metrics: { type: scrape, endpoints: [{ url: 'http://127.0.0.1:1/metrics' }] }
    ledger: ${ledger}
    ${records}
checklists:
  way-back:
    - { check: rollback-plan, router: false }
`;
}
