/** Why a rollout, rollback or reconcile ended as it did. Codes are never renamed; prose may change. */
export const REASON_CODES = [
  'promoted',
  'first-deployment',
  'parked',
  'restored',
  'nothing-to-do',
  'already-stable',
  'guardrail-breached',
  'comparison-regressed',
  'judge-failed',
  'no-data',
  'metrics-unavailable',
  'environment-unhealthy',
  'insufficient-samples',
  'inconclusive',
  'deploy-failed',
  'health-failed',
  'shift-failed',
  'weight-diverged',
  'share-diverged',
  'lease-lost',
  'verification-failed',
  'cancelled',
  'timed-out',
  'owner-lost',
  'fenced',
  'rolled-back-by-hand',
  'plan-too-long',
  'config-invalid',
  'version-rejected',
  'version-unknown',
  'rollout-in-progress',
  'ledger-unavailable',
  'router-unavailable',
  'traffic-not-home',
  'internal-error',
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  readonly code: ReasonCode;
  /** One sentence for people: what was seen, against what. */
  readonly message: string;
  /** The KPI that decided, when one did. */
  readonly kpi?: string;
}
