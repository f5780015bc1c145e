import { forgeFacts } from '../../../src/adapters/github/facts.ts';
import type { Finding } from '../../../src/core/checks/finding.ts';
import type { Subject } from '../../../src/core/checks/gate-result.ts';
import type { CheckContext } from '../../../src/ports/check.ts';
import { contextIn, findingOf } from '../../support/check-context.ts';
import { subject } from '../../support/gate-subject.ts';
import { clientOf, type Octokit } from '../../support/github/client.ts';
import type { GitHub } from '../../support/github/github.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import type { Access } from '../../support/github/permissions.ts';
import { forgeOn, REPOSITORY } from '../../support/on-github.ts';

const [owner = '', repo = ''] = REPOSITORY.split('/');

export const NOW = subject.now;
export const HOUR = 3_600_000;

/** Everything that some check may read. */
export const READ_ALL: Readonly<Record<string, Access>> = {
  actions: 'read',
  checks: 'read',
  contents: 'read',
  deployments: 'read',
  issues: 'read',
  members: 'read',
  'pull-requests': 'read',
  'secret-scanning-alerts': 'read',
  'security-events': 'read',
  statuses: 'read',
  'vulnerability-alerts': 'read',
};

export interface Stage {
  readonly github: GitHub;
  /** The newest commit of main. */
  readonly sha: string;
  readonly subject: Subject;
  /** What people and other apps do. */
  readonly octokit: Octokit;
  readonly here: { readonly owner: string; readonly repo: string };
  /** Sets GitHub's clock, for what is done next. */
  readonly at: (now: number) => void;
  readonly context: (
    permissions?: Readonly<Record<string, Access>>,
    more?: Partial<CheckContext>,
  ) => CheckContext;
  readonly ask: (entry: object, more?: Partial<Subject>) => Promise<Finding>;
}

/** A repository on the local GitHub, and a checklist that asks about the newest commit of its main branch. */
export async function stageOnGitHub(): Promise<Stage> {
  let now = NOW - HOUR;
  const github = await githubForTest({ clock: () => now });
  github.seed.repository({ owner, name: repo });
  const sha = github.seed.commit(REPOSITORY, { files: { 'api/booking.ts': 'export {};\n' } });
  const context: Stage['context'] = (permissions = READ_ALL, more = {}) => {
    const facts = forgeFacts(forgeOn(github, { permissions }), new AbortController().signal);
    return contextIn('.', { facts: () => facts, env: {}, ...more });
  };
  const own = { ...subject, sha };
  return {
    github,
    sha,
    context,
    subject: own,
    octokit: clientOf(github),
    here: { owner, repo },
    at: (time) => {
      now = time;
    },
    ask: (entry, more = {}) => findingOf(entry, context(), { ...own, ...more }),
  };
}
