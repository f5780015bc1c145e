import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { getOctokit } from '@actions/github';
import { expect, onTestFinished, test } from 'vitest';
import { refusalOf } from './client.ts';
import { githubForTest } from './in-test.ts';
import { startGitHubProcess } from './process.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

test('GitHub runs as a process of its own and is steered from outside', async () => {
  const github = await startGitHubProcess('ghes');
  onTestFinished(github.stop);
  await github.seed('repository', { owner: 'shine', name: 'shop' });
  await github.seed('token', 'ghs_x', {
    login: 'mara',
    type: 'installation',
    permissions: { contents: 'read', deployments: 'write' },
  });
  const sha = await github.seed('commit', 'shine/shop', { files: { a: '1' } });
  const { rest } = getOctokit('ghs_x', { baseUrl: github.url });
  const ref = () => rest.git.getRef({ ...shop, ref: 'heads/main' });
  expect((await ref()).data.object.sha).toBe(sha);

  await github.fault({
    fault: { do: 'server-error', status: 503 },
    bodyIncludes: 'staging',
    times: 'always',
  });
  const quiet = { auto_merge: false, required_contexts: [], ref: 'main' } satisfies object;
  const deploy = (environment: string) => rest.repos.createDeployment({ ...shop, ...quiet, environment });
  expect(await refusalOf(deploy('staging'))).toMatchObject({ status: 503 });
  expect((await deploy('production')).status).toBe(201);
  await github.clearFaults();
  expect((await deploy('staging')).status).toBe(201);

  await github.down();
  expect(await refusalOf(ref())).toMatchObject({ status: 500 });
  await github.up();
  expect((await ref()).status).toBe(200);

  await expect(github.seed('branchRule', 'shine/shop', { branch: 'main', type: 'be_nice' })).rejects.toThrow(
    /GitHub can tell/,
  );
  expect(await github.violations()).toEqual([]);
  expect(await github.requests()).toHaveLength(5);
});

test('an action finds it by GITHUB_API_URL', async () => {
  const github = await githubForTest();
  github.seed.repository({ owner: 'shine', name: 'shop' });
  github.seed.token('ghs_x', { login: 'mara', type: 'installation', permissions: {} });
  const action = `
    import { getOctokit } from '@actions/github';
    const { data } = await getOctokit('ghs_x').rest.repos.get({ owner: 'shine', repo: 'shop' });
    console.log(data.full_name);`;
  const env = { ...process.env, GITHUB_API_URL: github.url };
  const argv = ['--input-type=module', '--eval', action];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
  expect(stdout.trim()).toBe('shine/shop');
});
