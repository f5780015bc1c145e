import type { EpochMs } from '../units.ts';
import { formatAge } from './age.ts';
import { type Answer, counted } from './answer.ts';
import { ALERT_SEVERITIES, type Alert, type AlertSeverity } from './forge-facts.ts';

/** How many open alerts of a severity are let through; what is not named is not limited. */
export type SeverityLimits = Readonly<Partial<Record<AlertSeverity, number>>>;

export interface SecurityRules {
  readonly limits: SeverityLimits;
  /** Alerts younger than this are not counted: there is time to put them right. */
  readonly grace: SeverityLimits;
}

export interface SecurityFacts {
  readonly alerts: readonly Alert[];
  readonly now: EpochMs;
  /** Tools that analysed this commit; null where no analysis of it is asked for. */
  readonly analyses: readonly string[] | null;
}

/** Open alerts against limits by severity and age. No analysis of this commit is no good news. */
export function decideSecurity(
  { alerts, now, analyses }: SecurityFacts,
  { limits, grace }: SecurityRules,
): Answer {
  const expected = expectedWords(limits, analyses !== null);
  if (analyses !== null && analyses.length === 0) {
    const fix = 'let code scanning analyse this commit first';
    return { status: 'fail', code: 'missing', observed: 'no analysis of this commit', expected, fix };
  }
  const due = alerts.filter(({ severity, at }) => at === null || now - at >= (grace[severity] ?? 0));
  const over = ALERT_SEVERITIES.flatMap((severity) => {
    const found = due.filter((alert) => alert.severity === severity);
    return found.length > (limits[severity] ?? Number.POSITIVE_INFINITY) ? [{ severity, found }] : [];
  });
  const evidence = over.flatMap(({ found }) => found).map(({ title, url }) => ({ label: title, url }));
  if (over.length === 0) {
    const observed =
      alerts.length === 0 ? 'no open alert' : `${counted(alerts.length, 'open alert')}, within limits`;
    return { status: 'pass', code: 'met', observed, expected };
  }
  const observed = over
    .map(({ severity, found }) => `${found.length} ${severity}${oldest(found, now)}`)
    .join('; ');
  const fix = 'fix them, or dismiss them with a reason where they are reported';
  return { status: 'fail', code: 'not-met', observed, expected, evidence: evidence.slice(0, 5), fix };
}

function oldest(alerts: readonly Alert[], now: EpochMs): string {
  const ages = alerts.flatMap(({ at }) => (at === null ? [] : [now - at]));
  return ages.length === 0 ? '' : `, the oldest open for ${formatAge(Math.max(...ages))}`;
}

function expectedWords(limits: SeverityLimits, analysed: boolean): string {
  const parts = ALERT_SEVERITIES.flatMap((severity) => {
    const most = limits[severity];
    return most === undefined ? [] : [most === 0 ? `no ${severity}` : `at most ${most} ${severity}`];
  });
  return `${parts.join(', ')} alerts${analysed ? ', this commit analysed' : ''}`;
}
