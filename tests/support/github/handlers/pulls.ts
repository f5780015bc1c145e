import { text } from '../json.ts';
import { changesBetween, findCommit, mergeBaseOf } from '../state/git.ts';
import type { Pull, Review } from '../state/pulls.ts';
import { fullName, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numberFrom,
  pick,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';
import { commitBody, commitsBetween, fileBody } from './commits.ts';

const pullUrl = (call: Call, pull: number): string => `${repositoryUrl(call)}/pulls/${pull}`;

function side(call: Call, repository: Repository, ref: string, sha: string, from: string): unknown {
  const [owner = '', name = ''] = from.split('/');
  const isHere = from === fullName(repository);
  const id = isHere ? repository.id : numberFrom(from);
  const url = `${call.api}/repos/${from}`;
  const repo = {
    id,
    name,
    url,
    full_name: from,
    owner: user(call, owner),
    private: repository.private,
    fork: !isHere,
  };
  return { ref, sha, label: `${owner}:${ref}`, user: user(call, owner), repo };
}

/** What a list tells of a pull request. */
function shortBody(call: Call, repository: Repository, pull: Pull): Record<string, unknown> {
  const { id, number, title, body, state, draft } = pull;
  const url = pullUrl(call, number);
  return {
    ...{ id, number, title, body, state, draft, url, html_url: url, node_id: nodeId('PR', id) },
    ...{ diff_url: `${url}.diff`, patch_url: `${url}.patch`, commits_url: `${url}/commits` },
    issue_url: `${repositoryUrl(call)}/issues/${number}`,
    comments_url: `${repositoryUrl(call)}/issues/${number}/comments`,
    statuses_url: `${repositoryUrl(call)}/statuses/${pull.head.sha}`,
    user: user(call, pull.author),
    labels: pull.labels.map((name) => ({
      id: numberFrom(name),
      node_id: nodeId('LA', name),
      name,
      color: 'ededed',
    })),
    head: side(call, repository, pull.head.ref, pull.head.sha, pull.head.repository),
    base: side(call, repository, pull.base.ref, pull.base.sha, fullName(repository)),
    ...{ created_at: pull.createdAt, updated_at: pull.updatedAt, merged_at: pull.mergedAt },
    closed_at: pull.state === 'closed' ? (pull.mergedAt ?? pull.updatedAt) : null,
    merge_commit_sha: pull.mergeCommit,
    author_association: 'CONTRIBUTOR',
  };
}

const diffOf = (repository: Repository, pull: Pull) => {
  const parted = mergeBaseOf(repository, pull.base.sha, pull.head.sha);
  const head = findCommit(repository, pull.head.sha);
  return head === undefined ? [] : changesBetween(repository, parted?.tree ?? null, head.tree);
};

function wholeBody(call: Call, repository: Repository, pull: Pull): unknown {
  const changes = diffOf(repository, pull);
  const sum = (key: 'additions' | 'deletions') => changes.reduce((total, change) => total + change[key], 0);
  return {
    ...shortBody(call, repository, pull),
    ...{ merged: pull.mergedAt !== null, mergeable: pull.mergeable, mergeable_state: pull.mergeableState },
    merged_by: pull.mergedBy === null ? null : user(call, pull.mergedBy),
    comments: [...repository.comments.values()].filter(({ issue }) => issue === pull.number).length,
    commits: commitsBetween(repository, pull.base.sha, pull.head.sha).length,
    ...{ additions: sum('additions'), deletions: sum('deletions'), changed_files: changes.length },
  };
}

function reviewBody(call: Call, review: Review): unknown {
  const { id, body, state, sha } = review;
  const url = pullUrl(call, review.pull);
  return {
    ...{ id, body, state, node_id: nodeId('PRR', id), user: user(call, review.author), commit_id: sha },
    ...{
      html_url: `${url}#pullrequestreview-${id}`,
      pull_request_url: url,
      submitted_at: review.submittedAt,
    },
    _links: { html: { href: url }, pull_request: { href: url } },
    author_association: review.association,
  };
}

const asked = (call: Call): Pull => pick(repositoryOf(call).pulls, call.path, 'pull_number');

/** https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit: merged ones for a commit of the default branch, else open ones too. */
function pullsWith(call: Call): Answer {
  const repository = repositoryOf(call);
  const sha = text(call.path, 'commit_sha');
  const holds = (pull: Pull) =>
    pull.mergeCommit === sha ||
    commitsBetween(repository, pull.base.sha, pull.head.sha).some((one) => one.sha === sha);
  const found = [...repository.pulls.values()].filter(holds);
  return { status: 200, list: { items: found.map((pull) => shortBody(call, repository, pull)) } };
}

export const pulls: Handlers = {
  'pulls/get': (call) => ({ status: 200, body: wholeBody(call, repositoryOf(call), asked(call)) }),
  'pulls/list-reviews': (call) => {
    const { number } = asked(call);
    const found = repositoryOf(call).reviews.filter(({ pull }) => pull === number);
    return { status: 200, list: { items: found.map((review) => reviewBody(call, review)) } };
  },
  'pulls/list-files': (call) => {
    const pull = asked(call);
    const items = diffOf(repositoryOf(call), pull).map((change) => fileBody(call, pull.head.sha, change));
    return { status: 200, list: { items } };
  },
  'pulls/list-commits': (call) => {
    const { base, head } = asked(call);
    const found = commitsBetween(repositoryOf(call), base.sha, head.sha);
    return { status: 200, list: { items: found.map((commit) => commitBody(call, commit)) } };
  },
  'repos/list-pull-requests-associated-with-commit': pullsWith,
};
