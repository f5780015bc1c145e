import type { Reason } from '../rollout/reason.ts';

/** What one tick of the analysis asks for. */
export type TickVerdict =
  /** Nothing fired, and every required KPI has shown enough. */
  | { readonly kind: 'pass' }
  /** Nothing fired, but a required KPI has not yet shown enough events to be believed. */
  | { readonly kind: 'short-of-samples'; readonly reason: Reason }
  /** The environment is ill or silent: the tick does not count as served, and nobody is blamed yet. */
  | { readonly kind: 'hold'; readonly reason: Reason }
  | { readonly kind: 'fail'; readonly reason: Reason };
