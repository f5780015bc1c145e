import type { Sample } from '../core/analysis/sample.ts';
import type { TickVerdict } from '../core/analysis/verdict.ts';
import type { RolloutEventType } from '../core/rollout/events.ts';
import type { Rollout, ServiceRecord } from '../core/rollout/record.ts';
import type { EpochMs } from '../core/units.ts';
import type { TrafficReading } from './traffic-router.ts';

/** What a use case lets be seen while it works. Observing never changes what it does, and must not throw. */
export type Happening =
  | {
      readonly type: 'moved';
      readonly at: EpochMs;
      readonly event: RolloutEventType;
      readonly record: ServiceRecord;
    }
  | {
      readonly type: 'tick';
      readonly at: EpochMs;
      readonly rollout: Rollout;
      readonly sample: Sample;
      readonly verdict: TickVerdict;
      readonly traffic: TrafficReading;
    }
  | {
      readonly type: 'note';
      readonly at: EpochMs;
      readonly level: 'info' | 'warning' | 'error';
      readonly message: string;
    };

export type Observer = (happening: Happening) => void;
