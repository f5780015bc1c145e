import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { githubForTest } from './in-test.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;
const DIGEST = `sha256:${'a'.repeat(64)}`;

async function start() {
  const github = await githubForTest();
  github.seed.repository({ owner: 'shine', name: 'shop' });
  const sha = github.seed.commit('shine/shop');
  const client = clientOf(github, { attestations: 'read', contents: 'read', issues: 'write' });
  return { github, sha, client };
}

describe('tags with an object of their own', () => {
  test('point to their commit, and tell whether their signature was verified', async () => {
    const { github, sha, client } = await start();
    const verification = { verified: true, reason: 'valid' };
    github.seed.annotatedTag('shine/shop', 'v1.0.0', sha, { verification });
    const { data: ref } = await client.rest.git.getRef({ ...shop, ref: 'tags/v1.0.0' });
    expect(ref.object.type).toBe('tag');
    const { data: tag } = await client.rest.git.getTag({ ...shop, tag_sha: ref.object.sha });
    expect(tag).toMatchObject({ tag: 'v1.0.0', object: { type: 'commit', sha }, verification });
    const { data: commit } = await client.rest.repos.getCommit({ ...shop, ref: 'v1.0.0' });
    expect(commit.sha).toBe(sha);
    const { data: tags } = await client.rest.repos.listTags({ ...shop });
    expect(tags).toMatchObject([{ name: 'v1.0.0', commit: { sha } }]);
  });

  test('are not what a commit is', async () => {
    const { sha, client } = await start();
    expect(await refusalOf(client.rest.git.getTag({ ...shop, tag_sha: sha }))).toMatchObject({ status: 404 });
  });
});

describe('attestations', () => {
  test('are found by the digest of what they are of, and by their kind', async () => {
    const { github, client } = await start();
    const ask = (predicate_type?: string) =>
      client.request('GET /repos/{owner}/{repo}/attestations/{subject_digest}', {
        ...{ ...shop, subject_digest: DIGEST },
        ...(predicate_type === undefined ? {} : { predicate_type }),
      });
    expect(await refusalOf(ask())).toMatchObject({ status: 404 });
    github.seed.attestation('shine/shop', { digest: DIGEST, statement: { subject: [] } });
    expect((await ask('provenance')).data).toMatchObject({
      attestations: [
        { bundle: { dsseEnvelope: { payload: Buffer.from('{"subject":[]}').toString('base64') } } },
      ],
    });
    expect(await refusalOf(ask('sbom'))).toMatchObject({ status: 404 });
  });

  test('need their own permission', async () => {
    const { github } = await start();
    const client = clientOf(github, { contents: 'read' });
    const route = 'GET /repos/{owner}/{repo}/attestations/{subject_digest}';
    const asked = client.request(route, { ...shop, subject_digest: DIGEST });
    expect(await refusalOf(asked)).toMatchObject({ status: 403 });
  });
});

test('an issue needs a title that is not blank', async () => {
  const { github, client } = await start();
  expect(await refusalOf(client.rest.issues.create({ ...shop, title: '  ' }))).toMatchObject({ status: 422 });
  expect(github.repository('shine/shop').issues.size).toBe(0);
});
