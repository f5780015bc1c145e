import { createHash } from 'node:crypto';
import type { Repository } from './world.ts';
import { put } from './world.ts';

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, whole seconds: git keeps no finer time. */
  readonly date: string;
}

export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
}

/** The name that git itself gives to an object: the same content has the same SHA, here as there. */
function hashOf(type: string, content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

export interface Stored {
  readonly repository: Repository;
  readonly sha: string;
}

export function storeBlob(repository: Repository, content: Buffer): Stored {
  const sha = hashOf('blob', content);
  return {
    sha,
    repository: { ...repository, blobs: put(repository.blobs, sha, content.toString('base64')) },
  };
}

/** Git sorts a directory as if its name ended in a slash. */
const sortName = (entry: TreeEntry): string => (entry.type === 'tree' ? `${entry.path}/` : entry.path);

/** A directory as git writes it, of entries in git's order. */
export function treeContent(sorted: readonly TreeEntry[]): Buffer {
  const parts = sorted.flatMap((entry) => [
    Buffer.from(`${entry.mode.replace(/^0/, '')} ${entry.path}\0`),
    Buffer.from(entry.sha, 'hex'),
  ]);
  return Buffer.concat(parts);
}

export function storeTree(repository: Repository, entries: readonly TreeEntry[]): Stored {
  const sorted = [...entries].sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
  const sha = hashOf('tree', treeContent(sorted));
  return { sha, repository: { ...repository, trees: put(repository.trees, sha, sorted) } };
}

const signed = ({ name, email, date }: Signature): string =>
  `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;

/** A commit as git writes it. */
export function commitContent(commit: Omit<GitCommit, 'sha'>): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signed(commit.author)}`,
    `committer ${signed(commit.committer)}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${commit.message}`);
}

export function storeCommit(repository: Repository, commit: Omit<GitCommit, 'sha'>): Stored {
  const sha = hashOf('commit', commitContent(commit));
  return { sha, repository: { ...repository, commits: put(repository.commits, sha, { ...commit, sha }) } };
}

/** All files below a tree, by their whole path. */
export function filesOf(repository: Repository, tree: string, below = ''): readonly TreeEntry[] {
  return (repository.trees.get(tree) ?? []).flatMap((entry) => {
    const path = `${below}${entry.path}`;
    return entry.type === 'tree' ? filesOf(repository, entry.sha, `${path}/`) : [{ ...entry, path }];
  });
}

/** Stores the trees that hold these files, innermost first. */
export function storeFiles(repository: Repository, files: readonly TreeEntry[]): Stored {
  const here = files.filter((file) => !file.path.includes('/'));
  const folders = new Map<string, TreeEntry[]>();
  for (const file of files.filter(({ path }) => path.includes('/'))) {
    const [folder = '', ...rest] = file.path.split('/');
    folders.set(folder, [...(folders.get(folder) ?? []), { ...file, path: rest.join('/') }]);
  }
  let at = repository;
  const entries = [...here];
  for (const [path, inside] of folders) {
    const stored = storeFiles(at, inside);
    at = stored.repository;
    entries.push({ path, mode: '040000', type: 'tree', sha: stored.sha });
  }
  return storeTree(at, entries);
}

/** The commit itself and everything it was built upon, newest first along each line. */
export function ancestorsOf(repository: Repository, sha: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = [sha];
  for (const next of queue) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...(repository.commits.get(next)?.parents ?? []));
  }
  return seen;
}

/** A branch, a tag, a full ref name, a whole SHA or an unambiguous start of one. */
export function findCommit(repository: Repository, name: string): GitCommit | undefined {
  const sha =
    repository.refs.get(`refs/heads/${name}`) ??
    repository.refs.get(`refs/tags/${name}`) ??
    repository.refs.get(`refs/${name}`) ??
    repository.refs.get(name) ??
    name;
  const exact = repository.commits.get(repository.tags.get(sha)?.commit ?? sha);
  if (exact !== undefined || !/^[0-9a-f]{7,39}$/.test(sha)) return exact;
  const starting = [...repository.commits.values()].filter((commit) => commit.sha.startsWith(sha));
  return starting.length === 1 ? starting[0] : undefined;
}

/** The newest commit that both were built upon. */
export function mergeBaseOf(repository: Repository, one: string, other: string): GitCommit | undefined {
  const known = ancestorsOf(repository, other);
  const shared = [...ancestorsOf(repository, one)].filter((sha) => known.has(sha));
  return repository.commits.get(shared[0] ?? '');
}

export interface FileChange {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly sha: string;
  /** Lines that the other side has not, wherever they stand. */
  readonly additions: number;
  readonly deletions: number;
}

export function changesBetween(
  repository: Repository,
  before: string | null,
  after: string,
): readonly FileChange[] {
  const filesIn = (tree: string) => new Map(filesOf(repository, tree).map((file) => [file.path, file.sha]));
  const old = before === null ? new Map<string, string>() : filesIn(before);
  const now = filesIn(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    const status = was === undefined ? 'added' : is === undefined ? 'removed' : 'modified';
    const [gone, come] = [linesOf(repository, was), linesOf(repository, is)];
    const additions = come.filter((line) => !gone.includes(line)).length;
    const deletions = gone.filter((line) => !come.includes(line)).length;
    return [{ path, status, sha: is ?? was ?? '', additions, deletions } as const];
  });
}

function linesOf(repository: Repository, blob: string | undefined): readonly string[] {
  const content = Buffer.from(repository.blobs.get(blob ?? '') ?? '', 'base64').toString('utf8');
  return content === '' ? [] : content.replace(/\n$/, '').split('\n');
}
