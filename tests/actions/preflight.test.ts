import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SHA } from '../support/gate-subject.ts';

const HOME = resolve(import.meta.dirname, '../..');

const config = (code: number): string => `version: 1
service: booking-api
kpis:
  - { id: error-rate, type: ratio, bad: bad_total, total: all_total, alert: '> 2 %' }
checklists:
  production:
    - { check: command, id: backup, title: Backup of today, run: [sh, -c, 'echo looked; exit ${code}'] }
    - { check: command, id: facts, title: Facts of the run, run: [sh, -c, 'test "$DEPLOY_CANARY_SHA" = ${SHA}'] }
waivers:
  - { check: other, person: ada, reason: a check of another list, expires: 2026-12-01 }
environments:
  production:
    router: { type: embedded, admin: 'http://127.0.0.1:1' }
    target: { type: command, start: ['true'], health: { url: 'http://127.0.0.1:1', version-field: version } }
    metrics: { type: scrape, endpoints: [{ url: 'http://127.0.0.1:1/metrics' }] }
    ledger: { type: file, path: ledger }
`;

/** The action as the runner starts it: inputs and files in the environment, a process of its own. */
function run(text: string, inputs: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'preflight-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'deploy-canary.yml'), text);
  for (const file of ['output', 'summary']) writeFileSync(join(home, file), '');
  const given = { config: 'deploy-canary.yml', environment: 'production', ...inputs };
  const asEnv = Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const argv = [
    '--import',
    join(HOME, 'tools/register.mjs'),
    '--input-type=module',
    '-e',
    `import { runAction } from '${join(HOME, 'src/index.ts')}'; await runAction('preflight/main');`,
  ];
  const { status, stdout } = spawnSync(process.execPath, argv, {
    cwd: HOME,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: home,
      GITHUB_SHA: SHA,
      GITHUB_ACTOR: 'ada',
      GITHUB_OUTPUT: join(home, 'output'),
      GITHUB_STEP_SUMMARY: join(home, 'summary'),
      ...Object.fromEntries(asEnv),
    },
  });
  const read = (file: string): string => readFileSync(join(home, file), 'utf8');
  return { status, stdout, outputs: read('output'), summary: read('summary') };
}

const GREEN = config(0).replace('check: other', 'check: backup');

describe('actions/preflight', () => {
  it('ends with 0 when every check is green, and says so in outputs and summary', () => {
    const { status, outputs, summary } = run(GREEN);
    expect(status).toBe(0);
    expect(outputs).toMatch(/verdict<<\S+\npass\n/);
    expect(outputs).toMatch(/failed<<\S+\n\n/);
    expect(outputs).toContain('"schemaVersion":1');
    expect(summary).toContain('## ✅ The production checklist is green: 2 passed.');
  }, 60_000);

  it('ends with 1 when one is not, names it, and makes one annotation', () => {
    const { status, stdout, outputs, summary } = run(
      GREEN.replace('exit 0', 'exit 3').replace('2026-12-01', '2020-12-01'),
    );
    expect(status).toBe(1);
    expect(outputs).toMatch(/failed<<\S+\nbackup\n/);
    expect(outputs).toMatch(/reason-code<<\S+\nchecks-failed\n/);
    expect(stdout.match(/^::error/gm)).toHaveLength(1);
    expect(summary).toContain('the waiver of ada expired at 2020-12-02 00:00 UTC; looked');
  }, 60_000);

  it('touches nothing when the configuration or the inputs are wrong', () => {
    const { status, stdout, outputs } = run(config(0));
    expect(status).toBe(1);
    expect(stdout).toContain('expected a check that there is (backup, facts)');
    expect(outputs).toMatch(/reason-code<<\S+\nconfig-invalid\n/);
    const other = run(GREEN, { checklist: 'prod', sha: 'main' });
    expect(other.stdout).toContain('expected a full commit SHA');
    expect(run(GREEN, { checklist: 'prod' }).stdout).toContain("saw 'prod'");
  }, 60_000);
});
