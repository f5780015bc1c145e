import { numbered } from '../handlers/call.ts';
import type { BranchRule, Environment, Protection, Release } from '../state/policies.ts';
import { put, type Repository } from '../state/world.ts';
import type { Grown } from './grow.ts';

export type EnvironmentSeed = Pick<Environment, 'name'> & Partial<Omit<Environment, 'id' | 'createdAt'>>;
export type ProtectionSeed = Pick<Protection, 'branch'> & Partial<Protection>;
export type ReleaseSeed = Pick<Release, 'tag'> & Partial<Omit<Release, 'id' | 'createdAt'>>;

export function withEnvironment(before: Repository, seed: EnvironmentSeed, createdAt: string): Grown {
  const { id, repository } = numbered(before);
  const none = { reviewers: [], preventSelfReview: false, waitTimer: 0, protectedBranchesOnly: false };
  const environments = put(before.environments, seed.name, { ...none, ...seed, id, createdAt });
  const told = { operationId: 'repos/get-environment', path: { environment_name: seed.name } };
  return { repository: { ...repository, environments }, told };
}

export function withProtection(before: Repository, seed: ProtectionSeed): Grown {
  const none = {
    requiredChecks: null,
    strict: false,
    approvals: null,
    codeOwners: false,
    enforceAdmins: false,
  };
  const protections = put(before.protections, seed.branch, { ...none, ...seed });
  const told = { operationId: 'repos/get-branch-protection', path: { branch: seed.branch } };
  return { repository: { ...before, protections }, told };
}

export function withBranchRule(before: Repository, rule: BranchRule): Grown {
  const told = { operationId: 'repos/get-branch-rules', path: { branch: rule.branch } };
  return { repository: { ...before, branchRules: [...before.branchRules, rule] }, told };
}

export function withCollaborator(before: Repository, login: string, role: string): Grown {
  const told = { operationId: 'repos/get-collaborator-permission-level', path: { username: login } };
  return { repository: { ...before, collaborators: put(before.collaborators, login, role) }, told };
}

export function withRelease(before: Repository, seed: ReleaseSeed, createdAt: string): Grown {
  const { id, repository } = numbered(before);
  const rest = {
    name: seed.tag,
    body: '',
    draft: false,
    prerelease: false,
    target: before.defaultBranch,
    author: 'octocat',
  };
  const releases = [...before.releases, { ...rest, ...seed, id, createdAt }];
  const told = seed.draft
    ? { operationId: 'repos/get' }
    : { operationId: 'repos/get-release-by-tag', path: { tag: seed.tag } };
  return { repository: { ...repository, releases }, told };
}
