import { optionalText, text } from '../json.ts';
import { notFound, Refusal } from '../refusal.ts';
import {
  ancestorsOf,
  changesBetween,
  type FileChange,
  filesOf,
  findCommit,
  type GitCommit,
  mergeBaseOf,
} from '../state/git.ts';
import type { Repository } from '../state/world.ts';
import { type Answer, type Call, type Handlers, nodeId, repositoryOf, repositoryUrl } from './call.ts';

export function commitBody(call: Call, commit: GitCommit): Record<string, unknown> {
  const url = (sha: string) => `${repositoryUrl(call)}/commits/${sha}`;
  return {
    ...{ sha: commit.sha, node_id: nodeId('C', commit.sha), url: url(commit.sha), html_url: url(commit.sha) },
    comments_url: `${url(commit.sha)}/comments`,
    commit: {
      url: `${repositoryUrl(call)}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${repositoryUrl(call)}/git/trees/${commit.tree}` },
      verification: {
        verified: false,
        reason: 'unsigned',
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({ sha, url: url(sha), html_url: url(sha) })),
  };
}

export function fileBody(call: Call, sha: string, change: FileChange): unknown {
  const at = (kind: string) => `${repositoryUrl(call)}/${kind}/${sha}/${encodeURI(change.path)}`;
  return {
    ...{ sha: change.sha, filename: change.path, status: change.status },
    ...{
      additions: change.additions,
      deletions: change.deletions,
      changes: change.additions + change.deletions,
    },
    ...{ blob_url: at('blob'), raw_url: at('raw'), contents_url: at('contents') },
  };
}

export function commitNamed(repository: Repository, name: string): GitCommit {
  const commit = findCommit(repository, name);
  if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return commit;
}

/** What `head` has and `base` has not, oldest first. */
export function commitsBetween(repository: Repository, base: string, head: string): readonly GitCommit[] {
  const known = ancestorsOf(repository, base);
  const news = [...ancestorsOf(repository, head)].filter((sha) => !known.has(sha)).reverse();
  return news.flatMap((sha) => repository.commits.get(sha) ?? []);
}

/** https://docs.github.com/rest/commits/commits#compare-two-commits: from where the two parted, three dots. */
function compare(call: Call, baseName: string, headName: string): Answer {
  const repository = repositoryOf(call);
  const base = findCommit(repository, baseName);
  const head = findCommit(repository, headName);
  const parted = base && head && mergeBaseOf(repository, base.sha, head.sha);
  if (!base || !head || !parted) throw notFound();
  const ahead = commitsBetween(repository, base.sha, head.sha);
  const behind = commitsBetween(repository, head.sha, base.sha);
  const apart = behind.length === 0 ? 'ahead' : ahead.length === 0 ? 'behind' : 'diverged';
  const body = {
    ...{
      url: `${repositoryUrl(call)}/compare/${baseName}...${headName}`,
      ahead_by: ahead.length,
      behind_by: behind.length,
    },
    status: ahead.length + behind.length === 0 ? 'identical' : apart,
    total_commits: ahead.length,
    base_commit: commitBody(call, base),
    merge_base_commit: commitBody(call, parted),
    files: changesBetween(repository, parted.tree, head.tree).map((change) =>
      fileBody(call, head.sha, change),
    ),
  };
  return {
    status: 200,
    body,
    list: { items: ahead.map((commit) => commitBody(call, commit)), under: 'commits' },
  };
}

function getCommit(call: Call): Answer {
  const repository = repositoryOf(call);
  const commit = commitNamed(repository, text(call.path, 'ref'));
  const parent = repository.commits.get(commit.parents[0] ?? '');
  const changes = changesBetween(repository, parent?.tree ?? null, commit.tree);
  const sum = (key: 'additions' | 'deletions') => changes.reduce((total, change) => total + change[key], 0);
  const stats = {
    additions: sum('additions'),
    deletions: sum('deletions'),
    total: sum('additions') + sum('deletions'),
  };
  const files = changes.map((change) => fileBody(call, commit.sha, change));
  return { status: 200, body: { ...commitBody(call, commit), stats, files } };
}

/** https://docs.github.com/rest/repos/contents#get-repository-content: a file, or the list of a folder's entries. */
function getContent(call: Call): Answer {
  const repository = repositoryOf(call);
  const commit = findCommit(repository, optionalText(call.query, 'ref') ?? repository.defaultBranch);
  const asked = text(call.path, 'path').replace(/\/$/, '');
  const files = commit === undefined ? [] : filesOf(repository, commit.tree);
  const file = files.find(({ path }) => path === asked);
  const entry = (path: string, type: string, sha: string) => ({
    ...{ type, path, sha, name: path.split('/').at(-1), size: 0 },
    url: `${repositoryUrl(call)}/contents/${encodeURI(path)}`,
  });
  if (file !== undefined) {
    const content = repository.blobs.get(file.sha) ?? '';
    const size = Buffer.from(content, 'base64').length;
    return {
      status: 200,
      body: { ...entry(file.path, 'file', file.sha), size, content, encoding: 'base64' },
    };
  }
  const below = files.filter(({ path }) => path.startsWith(`${asked}/`));
  if (below.length === 0) throw notFound();
  const names = new Set(below.map(({ path }) => path.slice(asked.length + 1).split('/')[0] ?? ''));
  const body = [...names].map((name) => {
    const path = `${asked}/${name}`;
    const leaf = below.find((one) => one.path === path);
    return entry(path, leaf === undefined ? 'dir' : 'file', leaf?.sha ?? '');
  });
  return { status: 200, body };
}

export const commits: Handlers = {
  'repos/get-commit': getCommit,
  'repos/compare-commits': (call) => compare(call, text(call.path, 'base'), text(call.path, 'head')),
  'repos/compare-commits-with-basehead': (call) => {
    const [base = '', head = ''] = text(call.path, 'basehead').split('...');
    return compare(call, base, head);
  },
  'repos/get-content': getContent,
};
