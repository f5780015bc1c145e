import { actions } from './actions.ts';
import { alerts } from './alerts.ts';
import { attestations } from './attestations.ts';
import { branches } from './branches.ts';
import type { Handlers } from './call.ts';
import { checks } from './checks.ts';
import { commitStatuses } from './commit-statuses.ts';
import { commits } from './commits.ts';
import { deployments } from './deployments.ts';
import { gitObjects } from './git-objects.ts';
import { gitRefs } from './git-refs.ts';
import { issueComments } from './issue-comments.ts';
import { issues } from './issues.ts';
import { people } from './people.ts';
import { pulls } from './pulls.ts';
import { repositories } from './repository.ts';

export const handlers: Handlers = {
  ...gitRefs,
  ...gitObjects,
  ...commits,
  ...commitStatuses,
  ...deployments,
  ...issues,
  ...issueComments,
  ...checks,
  ...pulls,
  ...actions,
  ...repositories,
  ...branches,
  ...alerts,
  ...people,
  ...attestations,
};
