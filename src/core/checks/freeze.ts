import type { EpochMs } from '../units.ts';
import { formatMinute } from './age.ts';
import { type Answer, listed } from './answer.ts';
import type { Issue } from './forge-facts.ts';

/** One occurrence of a window of the calendar; `to` is no longer part of it. */
export interface Frozen {
  readonly name: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** In whatever unit it is kept. */
export interface ErrorBudget {
  /** Null when nobody can tell. */
  readonly left: number | null;
  readonly least: number;
}

export interface FreezeFacts {
  readonly now: EpochMs;
  /** Occurrences around now. */
  readonly windows: readonly Frozen[];
  readonly incidents: readonly Issue[];
  /** Null when it is not asked. */
  readonly budget: ErrorBudget | null;
  /** A person breaks the freeze, and says why. */
  readonly override: { readonly person: string; readonly reason: string } | null;
}

/** Whether the calendar, the open incidents and the error budget let a change through now. */
export function decideFreeze({ now, windows, incidents, budget, override }: FreezeFacts): Answer {
  const open = windows.filter(({ from, to }) => from <= now && now < to);
  const least = budget === null ? '' : `, at least ${budget.least} of the error budget left`;
  const expected = `no freeze and no open incident${least}`;
  const spent = budgetFlaw(budget);
  const evidence = incidents.map(({ number, url }) => ({ label: `#${number}`, url }));
  if (open.length === 0 && incidents.length === 0 && spent === null) {
    const left = budget === null ? '' : `; ${budget.left} of the error budget left`;
    return { status: 'pass', code: 'met', observed: `${nextWords(windows, now)}${left}`, expected };
  }
  const until = Math.max(...open.map(({ to }) => to));
  const observed = [
    ...open.map(({ name, to }) => `${name} until ${formatMinute(to)}`),
    ...(incidents.length === 0 ? [] : [`open incidents: ${listed(incidents.map(incidentWords))}`]),
    ...(spent === null ? [] : [spent]),
  ].join('; ');
  const base = { observed, expected, evidence };
  if (override !== null) {
    const detail = `broken by ${override.person}: ${override.reason}`;
    return { ...base, status: 'waived', code: 'overridden', detail };
  }
  const alone =
    incidents.length === 0 ? 'wait until the service has earned it back' : 'close the incident first';
  const wait = open.length === 0 ? alone : `wait until ${formatMinute(until)}`;
  const fix = `${wait}; in an emergency start the run with a reason in \`override-freeze\``;
  return { ...base, status: 'fail', code: 'frozen', fix };
}

function budgetFlaw(budget: ErrorBudget | null): string | null {
  if (budget === null) return null;
  if (budget.left === null) return 'nobody can tell how much of the error budget is left';
  return budget.left < budget.least ? `${budget.left} of the error budget left` : null;
}

function incidentWords({ number, title }: Issue): string {
  return `#${number} ${title}`;
}

function nextWords(windows: readonly Frozen[], now: EpochMs): string {
  const [next] = windows.filter(({ from }) => from > now).toSorted((one, other) => one.from - other.from);
  return next === undefined ? 'no freeze' : `no freeze; next is ${next.name} from ${formatMinute(next.from)}`;
}
