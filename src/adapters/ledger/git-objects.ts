import { z } from 'zod';
import type { Forge, ForgeAnswer } from '../../ports/forge.ts';

/** The file in every commit's tree that holds the entry. */
const FILE = 'record.json';

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const hasSha = z.object({ sha });
const reference = z.object({ object: z.object({ sha }) });
const parents = z.object({ parents: z.array(hasSha) });
const contents = z.object({ sha, encoding: z.string(), content: z.string() });
const blob = z.object({ encoding: z.literal('base64'), content: z.string() });

/** Where a ref (named without `refs/`) points to; null when there is no such ref. */
export async function readRef(forge: Forge, ref: string, signal: AbortSignal): Promise<string | null> {
  const call = { route: 'GET /repos/{owner}/{repo}/git/ref/{ref}', params: { ref }, answer: reference };
  const answer = await forge.attempt(call, signal);
  if (answer.kind === 'done') return answer.data.object.sha;
  return answer.status === 404 ? null : (await forge.request(call, signal)).object.sha;
}

/** The text that a commit holds. */
export async function readText(forge: Forge, commit: string, signal: AbortSignal): Promise<string> {
  const route = 'GET /repos/{owner}/{repo}/contents/{path}';
  const params = { path: FILE, ref: commit };
  const file = await forge.request({ route, params, answer: contents }, signal);
  if (file.encoding === 'base64') return decoded(file.content);
  // What is larger than a megabyte has to be asked for by itself.
  const whole = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
  const call = { route: whole, params: { file_sha: file.sha }, answer: blob };
  return decoded((await forge.request(call, signal)).content);
}

/** The commit that came before; null for the first. */
export async function readParent(forge: Forge, commit: string, signal: AbortSignal): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
  const call = { route, params: { commit_sha: commit }, answer: parents };
  return (await forge.request(call, signal)).parents[0]?.sha ?? null;
}

/** Makes a commit that nothing points to yet. Done twice, it makes another one that nobody will ever see. */
export async function writeCommit(
  forge: Forge,
  {
    text,
    message,
    parent,
  }: { readonly text: string; readonly message: string; readonly parent: string | null },
  signal: AbortSignal,
): Promise<string> {
  const tree = {
    route: 'POST /repos/{owner}/{repo}/git/trees',
    params: { tree: [{ path: FILE, mode: '100644', type: 'blob', content: text }] },
    answer: hasSha,
    repeatable: true,
  };
  const { sha: root } = await forge.request(tree, signal);
  const commit = {
    route: 'POST /repos/{owner}/{repo}/git/commits',
    params: { message, tree: root, parents: parent === null ? [] : [parent] },
    answer: hasSha,
    repeatable: true,
  };
  return (await forge.request(commit, signal)).sha;
}

/** Moves a ref on to a commit, or makes it. The server refuses it unless the commit follows what the ref points to. */
export async function moveRef(
  forge: Forge,
  ref: string,
  { from, to }: { readonly from: string | null; readonly to: string },
  signal: AbortSignal,
): Promise<ForgeAnswer<unknown>> {
  const answer = reference;
  const call =
    from === null
      ? { route: 'POST /repos/{owner}/{repo}/git/refs', params: { ref: `refs/${ref}`, sha: to } }
      : { route: 'PATCH /repos/{owner}/{repo}/git/refs/{ref}', params: { ref, sha: to, force: false } };
  return forge.attempt({ ...call, answer, repeatable: true }, signal);
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
