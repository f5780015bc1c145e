import { type Fields, fields, isFields, list, optionalText, text, texts } from '../json.ts';
import { notFound, Refusal } from '../refusal.ts';
import {
  filesOf,
  findCommit,
  type GitCommit,
  type Signature,
  storeBlob,
  storeCommit,
  storeFiles,
  type TreeEntry,
} from '../state/git.ts';
import type { Repository } from '../state/world.ts';
import { type Call, type Handlers, nodeId, repositoryOf, repositoryUrl } from './call.ts';

function commitBody(call: Call, commit: GitCommit): unknown {
  const url = (kind: string, sha: string) => `${repositoryUrl(call)}/git/${kind}/${sha}`;
  const named = (sha: string) => ({ sha, url: url('commits', sha), html_url: url('commits', sha) });
  return {
    ...named(commit.sha),
    node_id: nodeId('C', commit.sha),
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: url('trees', commit.tree) },
    parents: commit.parents.map(named),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}

/** Git keeps whole seconds and, here, only UTC. */
function signatureOf(said: Fields, otherwise: Signature): Signature {
  const date = optionalText(said, 'date');
  return {
    name: optionalText(said, 'name') ?? otherwise.name,
    email: optionalText(said, 'email') ?? otherwise.email,
    date: date === undefined ? otherwise.date : `${new Date(date).toISOString().slice(0, 19)}Z`,
  };
}

function createCommit(call: Call) {
  const before = repositoryOf(call);
  const tree = text(call.body, 'tree');
  if (!before.trees.has(tree)) throw new Refusal(422, 'Tree SHA does not exist');
  const parents = texts(call.body.parents);
  if (parents.some((parent) => !before.commits.has(parent))) {
    throw new Refusal(422, 'Parent SHA does not exist or is not a commit object');
  }
  const { login } = call.token;
  const caller = { name: login, email: `${login}@users.noreply.github.com`, date: call.now };
  const author = signatureOf(fields(call.body.author), caller);
  const committer = signatureOf(fields(call.body.committer), author);
  const stored = storeCommit(before, {
    tree,
    parents,
    author,
    committer,
    message: text(call.body, 'message'),
  });
  const commit = stored.repository.commits.get(stored.sha);
  if (commit === undefined) throw new Error(`commit ${stored.sha} was not stored`);
  return { status: 201, body: commitBody(call, commit), repository: stored.repository };
}

function treeBody(call: Call, repository: Repository, sha: string, recursive: boolean): unknown {
  const url = (kind: string, name: string) => `${repositoryUrl(call)}/git/${kind}/${name}`;
  const within = (tree: string, below: string): readonly TreeEntry[] =>
    (repository.trees.get(tree) ?? []).flatMap((entry) => {
      const named = { ...entry, path: `${below}${entry.path}` };
      return recursive && entry.type === 'tree' ? [named, ...within(entry.sha, `${named.path}/`)] : [named];
    });
  const entries = within(sha, '').map((entry) => {
    const content = entry.type === 'blob' ? repository.blobs.get(entry.sha) : undefined;
    const size = content === undefined ? {} : { size: Buffer.from(content, 'base64').length };
    return { ...entry, ...size, url: url(entry.type === 'tree' ? 'trees' : 'blobs', entry.sha) };
  });
  return { sha, url: url('trees', sha), tree: entries, truncated: false };
}

/** https://docs.github.com/rest/git/trees#create-a-tree: `content` makes a blob, a null `sha` deletes the file. */
function createTree(call: Call) {
  let repository = repositoryOf(call);
  const base = optionalText(call.body, 'base_tree');
  const start = base === undefined ? undefined : (findCommit(repository, base)?.tree ?? base);
  if (start !== undefined && !repository.trees.has(start))
    throw new Refusal(422, 'base_tree is not a valid tree oid');
  const files = new Map(
    (start === undefined ? [] : filesOf(repository, start)).map((file) => [file.path, file]),
  );
  for (const said of list(call.body.tree).filter(isFields)) {
    const path = text(said, 'path');
    for (const known of files.keys()) if (known === path || known.startsWith(`${path}/`)) files.delete(known);
    if (said.sha === null) continue;
    const placed = place(repository, said, path);
    repository = placed.repository;
    for (const file of placed.files) files.set(file.path, file);
  }
  const stored = storeFiles(repository, [...files.values()]);
  return {
    status: 201,
    body: treeBody(call, stored.repository, stored.sha, false),
    repository: stored.repository,
  };
}

interface Placed {
  readonly repository: Repository;
  readonly files: readonly TreeEntry[];
}

function place(repository: Repository, said: Fields, path: string): Placed {
  const mode = optionalText(said, 'mode') ?? '100644';
  const content = optionalText(said, 'content');
  if (content !== undefined) {
    const blob = storeBlob(repository, Buffer.from(content));
    return { repository: blob.repository, files: [{ path, mode, type: 'blob', sha: blob.sha }] };
  }
  const sha = optionalText(said, 'sha') ?? '';
  if (repository.blobs.has(sha)) return { repository, files: [{ path, mode, type: 'blob', sha }] };
  if (repository.trees.has(sha)) return { repository, files: filesOf(repository, sha, `${path}/`) };
  throw new Refusal(422, `tree.sha ${sha} is not a valid ${optionalText(said, 'type') ?? 'object'}`);
}

export const gitObjects: Handlers = {
  'git/create-blob': (call) => {
    const encoding = text(call.body, 'encoding') === 'base64' ? 'base64' : 'utf8';
    const { sha, repository } = storeBlob(
      repositoryOf(call),
      Buffer.from(text(call.body, 'content'), encoding),
    );
    return { status: 201, body: { sha, url: `${repositoryUrl(call)}/git/blobs/${sha}` }, repository };
  },
  'git/get-blob': (call) => {
    const sha = text(call.path, 'file_sha');
    const content = repositoryOf(call).blobs.get(sha);
    if (content === undefined) throw notFound();
    const size = Buffer.from(content, 'base64').length;
    const url = `${repositoryUrl(call)}/git/blobs/${sha}`;
    return { status: 200, body: { sha, url, node_id: nodeId('B', sha), size, content, encoding: 'base64' } };
  },
  'git/create-commit': createCommit,
  'git/get-commit': (call) => {
    const commit = repositoryOf(call).commits.get(text(call.path, 'commit_sha'));
    if (commit === undefined) throw notFound();
    return { status: 200, body: commitBody(call, commit) };
  },
  'git/get-tag': (call) => {
    const found = repositoryOf(call).tags.get(text(call.path, 'tag_sha'));
    if (found === undefined) throw notFound();
    const { sha, name: tag, message, commit, tagger: name, date, verification } = found;
    const url = (kind: string, of: string) => `${repositoryUrl(call)}/git/${kind}/${of}`;
    const body = {
      ...{ sha, tag, message, node_id: nodeId('TA', sha), url: url('tags', sha) },
      tagger: { name, date, email: `${name}@users.noreply.github.com` },
      object: { sha: commit, type: 'commit', url: url('commits', commit) },
      verification: { ...verification, signature: null, payload: null, verified_at: null },
    };
    return { status: 200, body };
  },
  'git/create-tree': createTree,
  'git/get-tree': (call) => {
    const repository = repositoryOf(call);
    const asked = text(call.path, 'tree_sha');
    const sha = findCommit(repository, asked)?.tree ?? asked;
    if (!repository.trees.has(sha)) throw notFound();
    return { status: 200, body: treeBody(call, repository, sha, call.query.recursive !== undefined) };
  },
};
