import type { Recorded } from '../recorded.ts';
import { ARGO_POLICIES, decideAsArgo } from './argo.ts';
import { decideAsFlagger, FLAGGER_POLICIES } from './flagger.ts';

/** How each of them decides a recording: the tick at which it ends the rollout, or null. */
export const PEERS: Readonly<Record<string, (rollout: Recorded) => number | null>> = {
  'argo-0.95': (rollout) => decideAsArgo(rollout, ARGO_POLICIES['argo-0.95']),
  'argo-kpi': (rollout) => decideAsArgo(rollout, ARGO_POLICIES['argo-kpi']),
  'flagger-default': (rollout) => decideAsFlagger(rollout, FLAGGER_POLICIES['flagger-default']),
  'flagger-kpi': (rollout) => decideAsFlagger(rollout, FLAGGER_POLICIES['flagger-kpi']),
};
