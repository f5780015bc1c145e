import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileLedger } from '../../src/adapters/ledger/file-ledger.ts';
import { startProxy } from '../../src/adapters/traffic/embedded/start-proxy.ts';
import { emptyRecord } from '../../src/core/rollout/record.ts';
import { DEPLOY_PAYLOAD } from './deploy-payload.ts';
import { clientOf } from './github/client.ts';
import { cloneInto } from './github/clone.ts';
import { type GitHub, startGitHub } from './github/github.ts';
import { type JobOnGitHub, jobEnv, REPOSITORY, seedRepository } from './on-github.ts';
import type { SourceActions, StepTold } from './source-action.ts';

const TOKEN = 'a-token-for-tests';
const EXAMPLE = new URL('../../examples/shine/deploy-canary.yml', import.meta.url);

/** A repository that is ready for both checklists of the SHINE example, and a workspace in which its main branch is checked out. */
export interface ShineRepository {
  readonly github: GitHub;
  /** `actions/preflight` as a process, on one of the two. */
  preflight(checklist: 'staging' | 'production', job?: JobOnGitHub): Promise<StepTold>;
  close(): Promise<void>;
}

export async function openShine(actions: SourceActions): Promise<ShineRepository> {
  const github = await startGitHub();
  seedRepository(github);
  const flags = 'staging: { new-dispatch: true, surge-pricing: false }\n';
  const sha = await fill(github, { 'config/flags.yml': flags });
  cloneInto(github.repository(REPOSITORY), actions.folder);
  const proxy = await startProxy({
    slots: { a: 'http://127.0.0.1:9', b: 'http://127.0.0.1:9' },
    token: TOKEN,
  });
  const partners = await startPartners();
  const config = readFileSync(EXAMPLE, 'utf8')
    .replaceAll('http://127.0.0.1:9901', proxy.adminUrl)
    .replace('https://api.stripe.com', partners.url)
    .replace('https://status.mongodb.com', partners.url);
  writeFileSync(join(actions.folder, 'shine.yml'), config);
  program(actions.folder, 'deploy/image-exists.sh', 'test "$PREVIOUS_VERSION" = v1.3.0');
  program(actions.folder, 'deploy/test-migrations.sh', 'exit 0');
  program(actions.folder, 'deploy/migrations-compatible.sh', 'exit 0');
  const where = { environment: 'production', service: 'booking-api', keep: 100 };
  const ledger = fileLedger({ path: join(actions.folder, '.deploy-canary/ledger'), ...where });
  const record = {
    ...emptyRecord('booking-api', 'production'),
    stable: { slot: 'a', version: 'v1.3.0' } as const,
  };
  await ledger.append(0, { at: Date.now(), note: 'seeded', record }, new AbortController().signal);
  const run = github.seed.workflowRun(REPOSITORY, { commit: sha });
  const approval = { environments: ['production'], state: 'approved', user: 'bob', comment: '' } as const;
  github.seed.approval(REPOSITORY, { run, ...approval });
  return {
    github,
    preflight: (checklist, job = {}) =>
      actions.play(
        'preflight/main',
        { config: 'shine.yml', environment: 'production', checklist },
        {
          ...jobEnv(github, job),
          GITHUB_SHA: sha,
          GITHUB_REF: 'refs/heads/main',
          GITHUB_RUN_ID: String(run),
          GITHUB_ACTOR: 'ada',
          DEPLOY_CANARY_ROUTER_TOKEN: TOKEN,
          STRIPE_AUTHORIZATION: 'Bearer rk_test_1',
        },
      ),
    close: async () => {
      await proxy.close({ deadline: 0 });
      partners.close();
      await github.stop();
    },
  };
}

/** A reviewed change that was merged, tested, scanned and deployed to staging. Answers with its commit. */
async function fill(github: GitHub, files: Readonly<Record<string, string>>): Promise<string> {
  const { seed } = github;
  const [owner = '', repo = ''] = REPOSITORY.split('/');
  const here = { owner, repo };
  const { repos } = clientOf(github).rest;
  for (const login of ['ada', 'bob']) seed.collaborator(REPOSITORY, login, 'write');
  seed.tag(REPOSITORY, 'v1.3.0', seed.commit(REPOSITORY, { files: { 'README.md': 'Bookings\n' } }));
  seed.commit(REPOSITORY, { branch: 'change', files, author: 'ada' });
  const sha = seed.commit(REPOSITORY, { files, message: 'Merge the change', author: 'bob' });
  const merged = { by: 'bob', commit: sha };
  const pull = seed.pull(REPOSITORY, { head: 'change', author: 'ada', merged });
  seed.review(REPOSITORY, pull, { author: 'bob', state: 'APPROVED' });
  for (const name of ['unit', 'integration', 'e2e']) seed.checkRun(REPOSITORY, { commit: sha, name });
  for (const gate of ['e2e-gate', 'load-test'])
    await repos.createCommitStatus({ ...here, sha, context: `deploy-canary/${gate}`, state: 'success' });
  const payload = DEPLOY_PAYLOAD;
  const wanted = { ref: sha, environment: 'staging', auto_merge: false, required_contexts: [], payload };
  const { data } = await repos.createDeployment({ ...here, ...wanted });
  if (!('id' in data)) throw new Error('no deployment');
  await repos.createDeploymentStatus({ ...here, deployment_id: data.id, state: 'success' });
  seed.codeScanningAnalysis(REPOSITORY, { sha });
  return sha;
}

function program(folder: string, name: string, line: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** Stripe and the status page of MongoDB Atlas. */
async function startPartners(): Promise<{ readonly url: string; readonly close: () => void }> {
  const atlas = { name: 'Clusters', status: 'operational', id: 'c', group_id: null, group: false };
  const page = {
    page: { id: 'atlas', name: 'MongoDB Atlas' },
    components: [{ ...atlas, only_show_if_degraded: false }],
  };
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.endsWith('components.json') ? page : { object: 'balance' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
