import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { githubForTest } from './in-test.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;

async function start() {
  const github = await githubForTest();
  github.seed.repository({ owner: 'shine', name: 'shop' });
  return { github, client: clientOf(github) };
}

type Client = ReturnType<typeof clientOf>;

async function commitOn(client: Client, parent: string | null, files: Readonly<Record<string, string>>) {
  const entries = Object.entries(files).map(([path, content]) => {
    return { path, content, mode: '100644', type: 'blob' } as const;
  });
  const tree = await client.rest.git.createTree({ ...shop, tree: entries });
  const parents = parent === null ? [] : [parent];
  const message = `with ${Object.keys(files).join(', ')}`;
  const commit = await client.rest.git.createCommit({ ...shop, message, tree: tree.data.sha, parents });
  return commit.data.sha;
}

describe('git through the API', () => {
  test('a commit is written, found by its ref and read back', async () => {
    const { client } = await start();
    const first = await commitOn(client, null, { 'entry.json': '{"revision":1}' });
    await client.rest.git.createRef({ ...shop, ref: 'refs/canary/shop/production', sha: first });
    const ref = await client.rest.git.getRef({ ...shop, ref: 'canary/shop/production' });
    expect(ref.data.object).toMatchObject({ type: 'commit', sha: first });
    const commit = await client.rest.git.getCommit({ ...shop, commit_sha: first });
    expect(commit.data.author.name).toBe('github-actions[bot]');
    const tree = await client.rest.git.getTree({ ...shop, tree_sha: commit.data.tree.sha });
    const blob = await client.rest.git.getBlob({ ...shop, file_sha: tree.data.tree[0]?.sha ?? '' });
    expect(Buffer.from(blob.data.content, 'base64').toString()).toBe('{"revision":1}');
  });

  test('objects have the very names that git gives them', async () => {
    const { github, client } = await start();
    const date = '2026-03-04T05:06:07Z';
    const author = { name: 'Mara', email: 'mara@shine.example', date };
    const entries = [
      { path: 'b.txt', content: 'b\n', mode: '100644', type: 'blob' },
      { path: 'a/c.txt', content: 'c\n', mode: '100644', type: 'blob' },
      { path: 'a.txt', content: 'a\n', mode: '100644', type: 'blob' },
    ] as const;
    const tree = await client.rest.git.createTree({ ...shop, tree: [...entries] });
    const made = await client.rest.git.createCommit({
      ...{ ...shop, tree: tree.data.sha, message: 'One', author },
    });
    const folder = mkdtempSync(join(tmpdir(), 'git-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const environment = {
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
      HOME: folder,
      PATH: process.env.PATH,
    };
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    git('config', 'user.name', 'Mara');
    git('config', 'user.email', 'mara@shine.example');
    execFileSync('mkdir', [join(folder, 'a')]);
    for (const { path, content } of entries) writeFileSync(join(folder, path), content);
    git('add', '.');
    expect(git('write-tree')).toBe(tree.data.sha);
    expect(git('commit-tree', tree.data.sha, '-m', 'One').length).toBe(40);
    // `git commit-tree -m` ends the message with a newline; the API keeps it as it was given.
    const same = await client.rest.git.createCommit({
      ...shop,
      tree: tree.data.sha,
      message: 'One\n',
      author,
    });
    expect(git('commit-tree', tree.data.sha, '-m', 'One')).toBe(same.data.sha);
    expect(made.data.sha).not.toBe(same.data.sha);
    expect(github.repository('shine/shop').commits.has(same.data.sha)).toBe(true);
  });

  test('only what builds on the present commit moves a ref, unless it is forced', async () => {
    const { client } = await start();
    const first = await commitOn(client, null, { a: '1' });
    const second = await commitOn(client, first, { a: '2' });
    const aside = await commitOn(client, null, { a: '3' });
    await client.rest.git.createRef({ ...shop, ref: 'refs/canary/x', sha: first });
    await client.rest.git.updateRef({ ...shop, ref: 'canary/x', sha: second });
    for (const sha of [first, aside]) {
      const refused = await refusalOf(client.rest.git.updateRef({ ...shop, ref: 'canary/x', sha }));
      expect(refused).toMatchObject({
        status: 422,
        message: expect.stringContaining('Update is not a fast forward'),
      });
    }
    const forced = await client.rest.git.updateRef({ ...shop, ref: 'canary/x', sha: aside, force: true });
    expect(forced.data.object.sha).toBe(aside);
  });

  test('of many who move a ref from the same commit at the same time exactly one wins', async () => {
    const { github, client } = await start();
    const first = await commitOn(client, null, { a: '0' });
    await client.rest.git.createRef({ ...shop, ref: 'refs/canary/x', sha: first });
    const rivals = await Promise.all([1, 2, 3, 4, 5].map((n) => commitOn(client, first, { a: `${n}` })));
    const outcomes = await Promise.allSettled(
      rivals.map((sha) => client.rest.git.updateRef({ ...shop, ref: 'canary/x', sha })),
    );
    const winners = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [rivals[n]] : []));
    expect(winners).toEqual([github.repository('shine/shop').refs.get('refs/canary/x')]);
  });

  test('of many who create the same ref exactly one wins', async () => {
    const { client } = await start();
    const sha = await commitOn(client, null, { a: '0' });
    const create = () => client.rest.git.createRef({ ...shop, ref: 'refs/canary/x', sha });
    const outcomes = await Promise.allSettled([create(), create(), create()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await refusalOf(create())).message).toContain('Reference already exists');
  });

  test('a ref that is not there is not read, not moved, not deleted', async () => {
    const { client } = await start();
    const sha = await commitOn(client, null, { a: '0' });
    const ref = 'canary/none';
    expect(await refusalOf(client.rest.git.getRef({ ...shop, ref }))).toMatchObject({ status: 404 });
    const refused = { status: 422, message: expect.stringContaining('Reference does not exist') };
    expect(await refusalOf(client.rest.git.updateRef({ ...shop, ref, sha }))).toMatchObject(refused);
    expect(await refusalOf(client.rest.git.deleteRef({ ...shop, ref }))).toMatchObject(refused);
  });

  test('refs are listed by the start of their name, and deleted', async () => {
    const { client } = await start();
    const sha = await commitOn(client, null, { a: '0' });
    for (const name of ['b', 'a', 'ab'])
      await client.rest.git.createRef({ ...shop, ref: `refs/canary/${name}`, sha });
    const found = await client.rest.git.listMatchingRefs({ ...shop, ref: 'canary/a' });
    expect(found.data.map(({ ref }) => ref)).toEqual(['refs/canary/a', 'refs/canary/ab']);
    await client.rest.git.deleteRef({ ...shop, ref: 'canary/a' });
    const left = await client.rest.git.listMatchingRefs({ ...shop, ref: 'canary/' });
    expect(left.data.map(({ ref }) => ref)).toEqual(['refs/canary/ab', 'refs/canary/b']);
  });

  test('what a ref, a commit or a tree is to be made of must exist', async () => {
    const { client } = await start();
    const none = 'f'.repeat(40);
    const ref = 'refs/canary/x';
    const refusals = await Promise.all([
      refusalOf(client.rest.git.createRef({ ...shop, ref, sha: none })),
      refusalOf(client.rest.git.createRef({ ...shop, ref: 'canary', sha: none })),
      refusalOf(client.rest.git.createCommit({ ...shop, message: 'x', tree: none })),
      refusalOf(client.rest.git.createTree({ ...shop, base_tree: none, tree: [] })),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
  });

  test('a tree on top of another keeps, replaces and deletes files', async () => {
    const { client } = await start();
    const base = await client.rest.git.createTree({
      ...shop,
      tree: ['keep', 'dir/change', 'dir/drop'].map((path) => ({
        path,
        content: path,
        mode: '100644',
        type: 'blob',
      })),
    });
    const next = await client.rest.git.createTree({
      ...shop,
      base_tree: base.data.sha,
      tree: [
        { path: 'dir/change', content: 'new', mode: '100644', type: 'blob' },
        { path: 'dir/drop', sha: null, mode: '100644', type: 'blob' },
      ],
    });
    const whole = await client.rest.git.getTree({ ...shop, tree_sha: next.data.sha, recursive: '1' });
    expect(whole.data.tree.map(({ path }) => path).sort()).toEqual(['dir', 'dir/change', 'keep']);
  });
});
