import { text } from '../json.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Protection, Release } from '../state/policies.ts';
import { fullName, type Repository } from '../state/world.ts';
import { type Answer, type Call, type Handlers, nodeId, repositoryOf, repositoryUrl, user } from './call.ts';

function getRepository(call: Call): Answer {
  const repository = repositoryOf(call);
  const { id, name, owner, private: isPrivate, defaultBranch } = repository;
  const url = repositoryUrl(call);
  const open = [...repository.issues.values()].filter(({ state }) => state === 'open').length;
  const facts = {
    id,
    node_id: nodeId('R', id),
    name,
    full_name: fullName(repository),
    private: isPrivate,
    url,
    html_url: url,
  };
  const visibility = isPrivate ? 'private' : 'public';
  const body = {
    ...facts,
    owner: user(call, owner),
    visibility,
    default_branch: defaultBranch,
    has_issues: true,
    open_issues: open,
    open_issues_count: open,
  };
  return { status: 200, body };
}

function protectionOf(call: Call): Protection {
  const repository = repositoryOf(call);
  const branch = text(call.path, 'branch');
  if (!repository.refs.has(`refs/heads/${branch}`)) throw new Refusal(404, 'Branch not found');
  const found = repository.protections.get(branch);
  if (found === undefined) throw new Refusal(404, 'Branch not protected');
  return found;
}

function checksBody(call: Call, { branch, requiredChecks, strict }: Protection) {
  const contexts = requiredChecks ?? [];
  const url = `${repositoryUrl(call)}/branches/${encodeURIComponent(branch)}/protection/required_status_checks`;
  const checks = contexts.map((context) => ({ context, app_id: null }));
  return { url, strict, contexts, contexts_url: `${url}/contexts`, checks };
}

/** https://docs.github.com/rest/branches/branch-protection#get-branch-protection */
function getProtection(call: Call): Answer {
  const found = protectionOf(call);
  const url = `${repositoryUrl(call)}/branches/${encodeURIComponent(found.branch)}/protection`;
  const reviews = `${url}/required_pull_request_reviews`;
  const body = {
    ...{ url, enforce_admins: { url: `${url}/enforce_admins`, enabled: found.enforceAdmins } },
    ...(found.requiredChecks === null ? {} : { required_status_checks: checksBody(call, found) }),
    ...(found.approvals === null
      ? {}
      : {
          required_pull_request_reviews: {
            url: reviews,
            required_approving_review_count: found.approvals,
            require_code_owner_reviews: found.codeOwners,
          },
        }),
  };
  return { status: 200, body };
}

function getStatusChecks(call: Call): Answer {
  const found = protectionOf(call);
  if (found.requiredChecks === null) throw new Refusal(404, 'Required status checks not enabled');
  return { status: 200, body: checksBody(call, found) };
}

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch: whether the branch is there or not. */
function getRules(call: Call): Answer {
  const repository = repositoryOf(call);
  const found = repository.branchRules.filter(({ branch }) => branch === text(call.path, 'branch'));
  const source = {
    ruleset_source_type: 'Repository',
    ruleset_source: fullName(repository),
    ruleset_id: repository.id,
  };
  const items = found.map(({ type, parameters }) => ({
    type,
    ...(parameters === undefined ? {} : { parameters }),
    ...source,
  }));
  return { status: 200, list: { items } };
}

/** GitHub's roles in the four levels that `permission` knows. https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user */
const LEVELS: Readonly<Record<string, string>> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
};

function getPermission(call: Call): Answer {
  const repository = repositoryOf(call);
  const login = text(call.path, 'username');
  const role = repository.collaborators.get(login) ?? (repository.private ? 'none' : 'read');
  const body = {
    permission: LEVELS[role] ?? 'none',
    role_name: role,
    user: { ...user(call, login), role_name: role },
  };
  return { status: 200, body };
}

function releaseBody(call: Call, release: Release): unknown {
  const { id, name, body, draft, prerelease, tag } = release;
  const url = `${repositoryUrl(call)}/releases/${id}`;
  return {
    ...{ id, name, body, draft, prerelease, url, html_url: url, node_id: nodeId('RE', id), tag_name: tag },
    ...{
      assets_url: `${url}/assets`,
      upload_url: `${url}/assets{?name,label}`,
      target_commitish: release.target,
    },
    ...{ created_at: release.createdAt, published_at: draft ? null : release.createdAt },
    author: user(call, release.author),
  };
}

function releaseAnswer(call: Call, fits: (release: Release) => boolean): Answer {
  const found = repositoryOf(call)
    .releases.filter((release) => !release.draft && fits(release))
    .at(-1);
  if (found === undefined) throw notFound();
  return { status: 200, body: releaseBody(call, found) };
}

function listTags(call: Call): Answer {
  const repository: Repository = repositoryOf(call);
  const url = repositoryUrl(call);
  const items = [...repository.refs]
    .filter(([ref]) => ref.startsWith('refs/tags/'))
    .map(([ref, object]) => [ref, repository.tags.get(object)?.commit ?? object] as const)
    .map(([ref, sha]) => ({
      name: ref.replace('refs/tags/', ''),
      commit: { sha, url: `${url}/commits/${sha}` },
      node_id: nodeId('REF', ref),
    }))
    .sort((a, b) => (a.name < b.name ? 1 : -1));
  return { status: 200, list: { items } };
}

export const repositories: Handlers = {
  'repos/get': getRepository,
  'repos/get-branch-protection': getProtection,
  'repos/get-status-checks-protection': getStatusChecks,
  'repos/get-branch-rules': getRules,
  'repos/get-collaborator-permission-level': getPermission,
  // https://docs.github.com/rest/releases/releases#get-the-latest-release: neither a draft nor a prerelease.
  'repos/get-latest-release': (call) => releaseAnswer(call, ({ prerelease }) => !prerelease),
  'repos/get-release-by-tag': (call) => releaseAnswer(call, ({ tag }) => tag === text(call.path, 'tag')),
  'repos/list-tags': listTags,
};
