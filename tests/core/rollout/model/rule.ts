import type { ServiceRecord } from '../../../../src/core/rollout/record.ts';
import type { TrafficReading } from '../../../../src/ports/traffic-router.ts';
import type { Memory } from './past.ts';
import type { Occurrence } from './world.ts';

/** The numbers are those of the rollout engine's invariants in the design. */
export type InvariantName =
  | '1 write-ahead'
  | '2 read back'
  | '3 never up without a pass'
  | '4 abort wins'
  | '5 terminal means true'
  | '6 no data is not health'
  | '7 lowering is never blocked'
  | '8 the end is verified'
  | 'roles'
  | 'one rollout at a time'
  | 'plain JSON';

/** Null when all is well. */
export type Complaint = readonly [InvariantName, string];
export type Rule<T extends Occurrence['type']> = (
  seen: Extract<Occurrence, { type: T }>,
  memory: Memory,
  truth: { readonly record: ServiceRecord; readonly reading: TrafficReading },
) => Complaint | null;
