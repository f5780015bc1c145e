import { integer, optionalText, text } from '../json.ts';
import type { Comment } from '../state/issues.ts';
import { put } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  pick,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';
import { issueUrl, LONGEST_BODY, shortEnough } from './issues.ts';

function commentBody(call: Call, comment: Comment): unknown {
  const url = `${repositoryUrl(call)}/issues/comments/${comment.id}`;
  return {
    ...{ id: comment.id, node_id: nodeId('IC', comment.id), url, html_url: url, body: comment.body },
    user: user(call, comment.creator),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    issue_url: issueUrl(call, comment.issue),
    author_association: 'CONTRIBUTOR',
  };
}

function createComment(call: Call): Answer {
  const before = repositoryOf(call);
  const issue = pick(before.issues, call.path, 'issue_number').number;
  const body = text(call.body, 'body');
  shortEnough('IssueComment', 'body', body, LONGEST_BODY);
  const { id, repository } = numbered(before);
  const comment: Comment = {
    id,
    issue,
    body,
    creator: call.token.login,
    createdAt: call.now,
    updatedAt: call.now,
  };
  const after = { ...repository, comments: put(repository.comments, id, comment) };
  return { status: 201, body: commentBody(call, comment), repository: after };
}

function updateComment(call: Call): Answer {
  const before = repositoryOf(call);
  const known = pick(before.comments, call.path, 'comment_id');
  const comment = { ...known, body: text(call.body, 'body'), updatedAt: call.now };
  shortEnough('IssueComment', 'body', comment.body, LONGEST_BODY);
  const repository = { ...before, comments: put(before.comments, comment.id, comment) };
  return { status: 200, body: commentBody(call, comment), repository };
}

function deleteComment(call: Call): Answer {
  const before = repositoryOf(call);
  const { id } = pick(before.comments, call.path, 'comment_id');
  const comments = new Map([...before.comments].filter(([one]) => one !== id));
  return { status: 204, repository: { ...before, comments } };
}

export const issueComments: Handlers = {
  'issues/create-comment': createComment,
  'issues/delete-comment': deleteComment,
  'issues/update-comment': updateComment,
  'issues/list-comments': (call) => {
    const repository = repositoryOf(call);
    const issue = integer(call.path, 'issue_number');
    pick(repository.issues, call.path, 'issue_number');
    const since = optionalText(call.query, 'since') ?? '';
    const found = [...repository.comments.values()].filter(
      (one) => one.issue === issue && one.updatedAt >= since,
    );
    return { status: 200, list: { items: found.map((comment) => commentBody(call, comment)) } };
  },
};
