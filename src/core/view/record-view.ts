import type { Kpi } from '../analysis/kpi.ts';
import { weightAsked } from '../report/happening.ts';
import { clip, oneLine } from '../report/plain-text.ts';
import { formatPercent, shortVersion } from '../report/words.ts';
import type { Plan } from '../rollout/plan.ts';
import { leadsHome, type Rollout, type ServiceRecord, type Version } from '../rollout/record.ts';
import type { EpochMs } from '../units.ts';
import { type Incident, incidentOf } from './incident.ts';

/** The longest description that GitHub takes for a deployment, its statuses and a commit status. */
export const DESCRIPTION_LENGTH = 140;

/** What people are shown of a rollout where they look for it. A function of the record, so that it can be shown again. */
export interface RecordView {
  readonly service: string;
  readonly environment: string;
  readonly rollout: string;
  readonly startedAt: EpochMs;
  readonly task: 'deploy:canary' | 'deploy:rollback';
  readonly version: Version;
  readonly stable: Version | null;
  readonly plan: Plan;
  readonly state: 'in_progress' | 'success' | 'failure';
  /** At most 140 characters. */
  readonly description: string;
  /** The version that no longer serves, once that is for sure. */
  readonly superseded: Version | null;
  readonly incident: Incident | null;
  /** The run that drives it. */
  readonly runUrl: string | null;
}

/** Null while there is nothing to show. */
export function viewOf(record: ServiceRecord, kpis: readonly Kpi[]): RecordView | null {
  const { rollout } = record;
  if (rollout === null) return null;
  const { phase, canary, stable } = rollout;
  const succeeded = phase.name === 'promoted' || phase.name === 'restored';
  return {
    service: record.service,
    environment: record.environment,
    rollout: rollout.id,
    startedAt: rollout.startedAt,
    task: rollout.kind === 'rollback' ? 'deploy:rollback' : 'deploy:canary',
    version: canary.version,
    stable: stable?.version ?? null,
    plan: rollout.plan,
    state: succeeded ? 'success' : phase.name === 'aborted' ? 'failure' : 'in_progress',
    description: clip(oneLine(describe(rollout)), DESCRIPTION_LENGTH),
    superseded: succeeded ? (stable?.version ?? null) : null,
    incident: isIncident(rollout) ? incidentOf(record, rollout, kpis) : null,
    runUrl: rollout.owner.url ?? null,
  };
}

function describe(rollout: Rollout): string {
  const { phase, plan, canary } = rollout;
  const version = shortVersion(canary.version);
  const why = rollout.reason?.message ?? 'no reason was given';
  switch (phase.name) {
    case 'deploying':
      return `Deploying ${version}`;
    case 'shifting':
    case 'baking':
      return `${formatPercent(weightAsked(rollout))} of traffic, step ${phase.step + 1} of ${plan.steps.length}`;
    case 'parked':
    case 'catching-up':
      return `${formatPercent(weightAsked(rollout))} of traffic, step ${phase.step + 1} of ${plan.steps.length}, parked`;
    case 'settling':
    case 'verifying':
      return rollout.kind === 'rollback' ? `Going back to ${version}` : 'All traffic, verifying';
    case 'aborting':
      return `Bringing traffic home: ${why}`;
    case 'confirming':
      return `Traffic is home: ${why}`;
    case 'promoted':
      return `${version} serves all traffic`;
    case 'restored':
      return `${version} serves all traffic again`;
    case 'aborted':
      return `Rolled back: ${why}`;
  }
}

/** Users met a version that had to go. A rollout that somebody stopped, or that never got traffic, is none. */
function isIncident({ phase, kind, reason, analysis }: Rollout): boolean {
  if (kind === 'rollback') return phase.name === 'restored';
  const ended = leadsHome(phase) || phase.name === 'aborted';
  return ended && reason?.code !== 'cancelled' && analysis.step >= 0;
}
