import type { Handlers } from './call.ts';
import { commitStatuses } from './commit-statuses.ts';
import { deployments } from './deployments.ts';
import { gitObjects } from './git-objects.ts';
import { gitRefs } from './git-refs.ts';
import { issues } from './issues.ts';

export const handlers: Handlers = { ...gitRefs, ...gitObjects, ...deployments, ...commitStatuses, ...issues };
