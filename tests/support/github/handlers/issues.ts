import { isFields, list, optionalText, text, texts } from '../json.ts';
import { invalid } from '../refusal.ts';
import { type Issue, type IssueEvent, withBody } from '../state/issues.ts';
import { put, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  numberFrom,
  pick,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';

/** Said by the service itself when there is more: "body is too long (maximum is 65536 characters)". */
export const LONGEST_BODY = 65_536;
const LONGEST_TITLE = 256;

export function shortEnough(resource: string, field: string, value: string | null, most: number): void {
  if ((value ?? '').length <= most) return;
  const message = `${field} is too long (maximum is ${most} characters)`;
  throw invalid({ resource, field, code: 'custom', message });
}

const labelBody = (call: Call, name: string): unknown => ({
  ...{
    id: numberFrom(name),
    node_id: nodeId('LA', name),
    name,
    description: null,
    color: 'ededed',
    default: false,
  },
  url: `${repositoryUrl(call)}/labels/${encodeURIComponent(name)}`,
});

export const issueUrl = (call: Call, issue: number): string => `${repositoryUrl(call)}/issues/${issue}`;

function issueBody(call: Call, repository: Repository, issue: Issue): unknown {
  const { id, number, title, body, state } = issue;
  const url = issueUrl(call, number);
  const comments = [...repository.comments.values()].filter((comment) => comment.issue === number);
  return {
    ...{
      id,
      number,
      title,
      body,
      state,
      url,
      html_url: url,
      node_id: nodeId('I', id),
      state_reason: issue.stateReason,
    },
    repository_url: repositoryUrl(call),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    user: user(call, issue.creator),
    labels: issue.labels.map((name) => labelBody(call, name)),
    assignees: issue.assignees.map((login) => user(call, login)),
    assignee: issue.assignees[0] === undefined ? null : user(call, issue.assignees[0]),
    comments: comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: 'CONTRIBUTOR',
    ...(issue.isPull ? { pull_request: { url: `${repositoryUrl(call)}/pulls/${number}` } } : {}),
  };
}

const labelNames = (value: unknown): readonly string[] =>
  list(value).map((label) => (isFields(label) ? text(label, 'name') : String(label)));

function createIssue(call: Call): Answer {
  const title = String(call.body.title);
  const body = optionalText(call.body, 'body') ?? null;
  // Said by the service itself, whatever its description calls a string.
  if (title.trim() === '') throw invalid({ resource: 'Issue', field: 'title', code: 'missing_field' });
  shortEnough('Issue', 'title', title, LONGEST_TITLE);
  shortEnough('Issue', 'body', body, LONGEST_BODY);
  const { id, repository } = numbered(repositoryOf(call));
  const issue: Issue = {
    ...{
      id,
      title,
      body,
      number: repository.lastNumber + 1,
      state: 'open',
      stateReason: null,
      isPull: false,
      edits: [],
    },
    labels: labelNames(call.body.labels),
    assignees: texts(call.body.assignees),
    creator: call.token.login,
    createdAt: call.now,
    updatedAt: call.now,
    closedAt: null,
  };
  const after = {
    ...repository,
    lastNumber: issue.number,
    issues: put(repository.issues, issue.number, issue),
  };
  return { status: 201, body: issueBody(call, after, issue), repository: after };
}

function changed(call: Call, before: Issue): Issue {
  const { title, body, labels, assignees } = call.body;
  const state = optionalText(call.body, 'state') ?? before.state;
  const reason = optionalText(call.body, 'state_reason');
  const isTurned = state !== before.state;
  const text = body === undefined ? before.body : (optionalText(call.body, 'body') ?? null);
  return {
    ...withBody(before, text, call.token.login, call.now),
    title: title === undefined || title === null ? before.title : String(title),
    labels: labels === undefined ? before.labels : labelNames(labels),
    assignees: assignees === undefined ? before.assignees : assigneeNames(assignees),
    state,
    stateReason: isTurned ? (reason ?? (state === 'closed' ? 'completed' : 'reopened')) : before.stateReason,
    closedAt: isTurned ? (state === 'closed' ? call.now : null) : before.closedAt,
    updatedAt: call.now,
  };
}

const assigneeNames = (value: unknown): readonly string[] =>
  list(value).map((one) => (isFields(one) ? text(one, 'login') : String(one)));

function updateIssue(call: Call): Answer {
  const start = repositoryOf(call);
  const before = pick(start.issues, call.path, 'issue_number');
  const issue = changed(call, before);
  shortEnough('Issue', 'title', issue.title, LONGEST_TITLE);
  shortEnough('Issue', 'body', issue.body, LONGEST_BODY);
  const event = issue.state === 'closed' ? 'closed' : 'reopened';
  const told = issue.state === before.state ? start : withEvent(call, start, { issue: issue.number, event });
  const repository = { ...told, issues: put(told.issues, issue.number, issue) };
  return { status: 200, body: issueBody(call, repository, issue), repository };
}

type Happening = Pick<IssueEvent, 'issue' | 'event' | 'label'>;

function withEvent(call: Call, before: Repository, happening: Happening): Repository {
  const { id, repository } = numbered(before);
  const happened = { ...happening, id, actor: call.token.login, createdAt: call.now };
  return { ...repository, issueEvents: [...repository.issueEvents, happened] };
}

function eventBody(call: Call, { id, event, actor, createdAt, label }: IssueEvent): unknown {
  const url = `${repositoryUrl(call)}/issues/events/${id}`;
  const plain = {
    id,
    node_id: nodeId('EV', id),
    url,
    actor: user(call, actor),
    event,
    created_at: createdAt,
  };
  const unused = { commit_id: null, commit_url: null, performed_via_github_app: null };
  return { ...plain, ...unused, ...(label === undefined ? {} : { label: { name: label, color: 'ededed' } }) };
}

function listIssues(call: Call): Answer {
  const repository = repositoryOf(call);
  const { state, creator, assignee } = call.query;
  const labels = (optionalText(call.query, 'labels') ?? '').split(',').filter((label) => label !== '');
  const since = optionalText(call.query, 'since') ?? '';
  const found = [...repository.issues.values()].filter(
    (issue) =>
      (state === 'all' || issue.state === state) &&
      (creator === undefined || issue.creator === creator) &&
      (assignee === undefined || issue.assignees.some((login) => login === assignee)) &&
      labels.every((label) => issue.labels.includes(label)) &&
      issue.updatedAt >= since,
  );
  const by = call.query.sort === 'updated' ? 'updatedAt' : 'createdAt';
  const oldestFirst = [...found].sort((a, b) => a[by].localeCompare(b[by]) || a.number - b.number);
  const sorted = call.query.direction === 'asc' ? oldestFirst : oldestFirst.reverse();
  return { status: 200, list: { items: sorted.map((issue) => issueBody(call, repository, issue)) } };
}

function addLabels(call: Call): Answer {
  const before = repositoryOf(call);
  const known = pick(before.issues, call.path, 'issue_number');
  const added = labelNames(call.body.labels).filter((name) => !known.labels.includes(name));
  const labels = [...known.labels, ...new Set(added)];
  const told = added.reduce(
    (at, label) => withEvent(call, at, { issue: known.number, event: 'labeled', label }),
    before,
  );
  const issue = { ...known, labels, updatedAt: call.now };
  const repository = { ...told, issues: put(told.issues, issue.number, issue) };
  return { status: 200, body: labels.map((name) => labelBody(call, name)), repository };
}

export const issues: Handlers = {
  'issues/create': createIssue,
  'issues/update': updateIssue,
  'issues/list-for-repo': listIssues,
  'issues/get': (call) => {
    const repository = repositoryOf(call);
    return {
      status: 200,
      body: issueBody(call, repository, pick(repository.issues, call.path, 'issue_number')),
    };
  },
  'issues/list-events': (call) => {
    const repository = repositoryOf(call);
    const { number } = pick(repository.issues, call.path, 'issue_number');
    const found = repository.issueEvents.filter(({ issue }) => issue === number);
    return { status: 200, list: { items: found.map((event) => eventBody(call, event)) } };
  },
  'issues/add-labels': addLabels,
};
