import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileLedger } from '../../src/adapters/ledger/file-ledger.ts';
import { emptyRecord } from '../../src/core/rollout/record.ts';
import { deployStage } from '../support/deploy-stage.ts';

let stage: Awaited<ReturnType<typeof deployStage>>;
beforeAll(async () => {
  stage = await deployStage();
}, 60_000);
afterAll(() => stage.remove());

const CONFIG = `version: 1
service: booking
kpis:
  - { id: error-rate, type: ratio, bad: bad_total, total: all_total, alert: '> 2 %' }
checklists:
  production:
    - { check: rollback-plan, router: false }
environments:
  production:
    router: { type: embedded, admin: 'http://127.0.0.1:1' }
    target: { type: command, start: ['true'], health: { url: 'http://127.0.0.1:1', version-field: version } }
    metrics: { type: scrape, endpoints: [{ url: 'http://127.0.0.1:1/metrics' }] }
    ledger: { type: file, path: ledger }
deploy:
  production:
    services:
      back-end: { track: [./hand-on.sh] }
migrations:
  back-end: { files: 'db/*.sql', dialect: sqlite }
`;

it('rollback-plan is green while what runs bears the migrations since, and red from the one that takes something away', async () => {
  stage.write('deploy-canary.yml', CONFIG);
  stage.write('db/0001.sql', 'CREATE TABLE bookings (id INTEGER PRIMARY KEY, note TEXT);\n');
  stage.commit();
  stage.git('tag', 'v1.3.0');
  const ledger = fileLedger({
    ...{ path: join(stage.root, 'ledger'), environment: 'production', service: 'booking', keep: 10 },
  });
  const record = {
    ...emptyRecord('booking', 'production'),
    stable: { slot: 'a', version: 'v1.3.0' },
  } as const;
  await ledger.append(0, { at: 0, note: 'seeded', record }, new AbortController().signal);
  const ask = async (sha: string): Promise<string> => {
    const inputs = { config: 'deploy-canary.yml', environment: 'production', sha };
    const { outputs, log } = await stage.preflight(inputs, { GITHUB_SHA: sha });
    return `${outputs.verdict}: ${JSON.parse(outputs.result ?? '{}').findings?.[0]?.observed ?? log}`;
  };
  stage.write('db/0002.sql', 'ALTER TABLE bookings ADD COLUMN price INTEGER;\n');
  expect(await ask(stage.commit())).toMatch(/^pass: .*v1\.3\.0 bears the migrations of back-end/);
  stage.write('db/0003.sql', 'ALTER TABLE bookings DROP COLUMN note;\n');
  expect(await ask(stage.commit())).toMatch(/^fail: .*db\/0003\.sql:1 /);
});
