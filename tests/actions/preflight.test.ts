import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SHA } from '../support/gate-subject.ts';
import { sourceActions } from '../support/source-action.ts';

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

const actions = await sourceActions({ 'preflight/main': ['src/actions/preflight.ts', 'preflightMain'] });
afterAll(() => actions.remove());
let count = 0;

/** The action as the runner starts it: inputs and files in the environment, a process of its own. */
async function run(text: string, inputs: Readonly<Record<string, string>> = {}) {
  count += 1;
  const config = `deploy-canary-${count}.yml`;
  writeFileSync(join(actions.folder, config), text);
  return actions.play(
    'preflight/main',
    { config, environment: 'production', ...inputs },
    { GITHUB_SHA: SHA, GITHUB_ACTOR: 'ada' },
  );
}

const GREEN = config(0).replace('check: other', 'check: backup');

describe('actions/preflight', () => {
  it('ends with 0 when every check is green, and says so in outputs and summary', async () => {
    const { code, outputs, summary } = await run(GREEN);
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ verdict: 'pass', failed: '' });
    expect(outputs.result).toContain('"schemaVersion":1');
    expect(summary).toContain('## ✅ The production checklist is green: 2 passed.');
  });

  it('ends with 1 when one is not, names it, and makes one annotation', async () => {
    const { code, log, outputs, summary } = await run(
      GREEN.replace('exit 0', 'exit 3').replace('2026-12-01', '2020-12-01'),
    );
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ failed: 'backup', 'reason-code': 'checks-failed' });
    expect(log.match(/^::error/gm)).toHaveLength(1);
    expect(summary).toContain('the waiver of ada expired at 2020-12-02 00:00 UTC; looked');
  });

  it('touches nothing when the configuration or the inputs are wrong', async () => {
    const { code, log, outputs } = await run(config(0));
    expect(code).toBe(1);
    expect(log).toContain('expected a check that there is (backup, facts)');
    expect(outputs['reason-code']).toBe('config-invalid');
    const other = await run(GREEN, { checklist: 'prod', sha: 'main' });
    expect(other.log).toContain('expected a full commit SHA');
    expect((await run(GREEN, { checklist: 'prod' })).log).toContain("saw 'prod'");
  });
});
