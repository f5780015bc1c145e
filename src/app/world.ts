import type { ComparisonSettings } from '../core/analysis/comparison/rules.ts';
import type { JudgeSettings } from '../core/analysis/judge/settings.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import type { Owner } from '../core/rollout/record.ts';
import type { EpochMs, Milliseconds, Percent } from '../core/units.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeployTarget } from '../ports/deploy-target.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { MetricsProvider } from '../ports/metrics-provider.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Observer } from '../ports/observer.ts';
import type { OwnerProbe } from '../ports/owner-probe.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import type { Publishing } from './publishing.ts';

/** What happens to the version that lost its traffic. */
export interface Retire {
  readonly promoted: 'keep' | 'stop';
  readonly aborted: 'keep' | 'stop';
}

/** Lets the metrics provider answer for a moment of the past; null brings it back to the present. */
export interface History {
  readonly lookAt: (moment: EpochMs | null) => void;
}

/** Everything a use case may touch: one service in one environment, through ports. */
export interface World {
  readonly service: string;
  readonly environment: string;
  readonly owner: Owner;
  readonly kpis: readonly Kpi[];
  readonly share: { readonly tolerance: Percent; readonly minRequests: number } | null;
  /** Null when the canary is not compared with stable. */
  readonly comparison: ComparisonSettings | null;
  /** Null when no judge is asked at the end of a bake. */
  readonly judge: JudgeSettings | null;
  readonly leaseTtl: Milliseconds;
  readonly retire: Retire;
  readonly router: TrafficRouter;
  readonly target: DeployTarget;
  readonly metrics: MetricsProvider;
  readonly ledger: Ledger;
  readonly notifiers: readonly Notifier[];
  readonly probe: OwnerProbe;
  /** Absent when the record is shown nowhere but in the ledger. */
  readonly publishing?: Publishing;
  /** Null when the metrics provider only knows the present. */
  readonly history: History | null;
  readonly clock: Clock;
  readonly observe: Observer;
}

export function note(world: World, level: 'info' | 'warning' | 'error', message: string): void {
  world.observe({ type: 'note', at: world.clock.now(), level, message });
}
