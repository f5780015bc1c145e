import { formatDuration, type Milliseconds, type Percent } from '../units.ts';

/** What happens when a bake ends without enough evidence, even after its extension. */
export type InconclusivePolicy = 'abort' | 'promote';

export interface Step {
  /** Canary's share of traffic while the step lasts. */
  readonly weight: Percent;
  /** How long the weight is held under watch before the next step. */
  readonly bake: Milliseconds;
  /** The longest the bake may be extended to while evidence is missing. */
  readonly maxBake: Milliseconds;
  /** What must be proven before the bake may pass. */
  readonly require?: 'non-inferior';
  /** Once the canary is proven no worse than stable, and while it is not suspected, the bake may end when this much of it is served. */
  readonly promoteEarly?: Milliseconds;
}

/**
 * How much of a step must be served before it may pass: its bake, or less where the plan says so and the evidence
 * lets it end early. At 100 % there is no stable arm, so nothing that was proven before shortens the bake.
 */
export function leastBake({ weight, bake, promoteEarly }: Step, mayEndEarly: boolean): Milliseconds {
  return mayEndEarly && weight < 100 ? Math.min(bake, promoteEarly ?? bake) : bake;
}

/** Time set aside for everything that is not a bake. */
export interface Budgets {
  /** Deploying the canary and waiting until it is healthy. */
  readonly deploy: Milliseconds;
  /** One weight shift, read back, with its retries. */
  readonly shift: Milliseconds;
  /** Verifying what serves after promotion or abort. */
  readonly verify: Milliseconds;
  /** Bringing traffic home, with retries, before the rollout is left open for `reconcile`. */
  readonly abort: Milliseconds;
  /** How long an unhealthy environment may hold a step before the rollout gives up. */
  readonly hold: Milliseconds;
  /** How long a bake may go on while the ledger cannot be written, before the rollout gives up. */
  readonly record: Milliseconds;
}

export const DEFAULT_RECORD_BUDGET: Milliseconds = 600_000;

/** Bakes of which only the beginning and the end are watched; what lies between is looked at in hindsight. */
export interface Parking {
  /** How long each step is watched before it is parked. */
  readonly watch: Milliseconds;
  /** How long after the end of a bake somebody must have come back to it, or traffic belongs home. */
  readonly grace: Milliseconds;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Time between two looks at the metrics. */
  readonly tick: Milliseconds;
  /** How often served bake and evidence are saved for a resume. */
  readonly checkpoint: Milliseconds;
  readonly budgets: Budgets;
  readonly onInconclusive: InconclusivePolicy;
  /** Absent when every bake is watched from beginning to end. */
  readonly parking?: Parking;
}

export const DEFAULT_STEPS: readonly Step[] = [
  { weight: 10, bake: 1_800_000, maxBake: 2_700_000 },
  { weight: 50, bake: 900_000, maxBake: 1_350_000 },
  { weight: 100, bake: 3_600_000, maxBake: 3_600_000 },
];

export interface PlanLine {
  readonly what: string;
  readonly from: Milliseconds;
  readonly lasts: Milliseconds;
  readonly atMost: Milliseconds;
  /** What else decides when it ends. */
  readonly note?: string;
}

/** The plan as a timetable, offsets from the start of the rollout. */
export function timetable(plan: Plan): PlanLine[] {
  const lines: PlanLine[] = [
    { what: 'deploy the canary', from: 0, lasts: 0, atMost: plan.budgets.shift + plan.budgets.deploy },
  ];
  let from = 0;
  for (const step of plan.steps) {
    // A lease may lapse once and cost a second shift; a bake and a hold may each run over by one tick.
    const atMost = 2 * plan.budgets.shift + step.maxBake + plan.budgets.hold + 2 * plan.tick;
    const notes = stepNotes(step, plan.parking);
    const note = notes.length === 0 ? {} : { note: notes.join('; ') };
    lines.push({ what: `${step.weight} %`, from, lasts: step.bake, atMost, ...note });
    from += step.bake;
  }
  lines.push({
    what: 'promote and verify',
    from,
    lasts: 0,
    atMost: plan.budgets.shift + plan.budgets.verify,
  });
  return lines;
}

function stepNotes({ bake, require, promoteEarly }: Step, parking: Parking | undefined): string[] {
  const isParked = parking !== undefined && bake > parking.watch;
  return [
    isParked ? `parked after ${formatDuration(parking.watch)}` : null,
    promoteEarly === undefined ? null : `from ${formatDuration(promoteEarly)} on, once proven no worse`,
    require === undefined ? null : 'not before it is proven no worse',
  ].filter((note) => note !== null);
}

/** The longest a rollout can take, its way home included. */
export function worstCase(plan: Plan): Milliseconds {
  const forward = timetable(plan).reduce((sum, line) => sum + line.atMost, 0);
  return forward + plan.budgets.abort + plan.budgets.verify;
}

export type Fit =
  | { readonly fits: true; readonly worstCase: Milliseconds }
  | { readonly fits: false; readonly worstCase: Milliseconds; readonly arithmetic: string };

/** The plan as one job has to carry it: of a bake that is parked, it watches the beginning or the end. */
function withinOneJob(plan: Plan): Plan {
  const { parking, tick } = plan;
  if (parking === undefined) return plan;
  const most = parking.watch + Math.max(parking.watch, tick);
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, maxBake: Math.min(step.maxBake, most) })) };
}

/** Says whether a plan is sure to end, or to be parked, within the job's time limit, and shows the sum when it is not. */
export function fitsWithin(whole: Plan, jobLimit: Milliseconds): Fit {
  const plan = withinOneJob(whole);
  const total = worstCase(plan);
  if (total <= jobLimit) return { fits: true, worstCase: total };
  const terms = timetable(plan).map((line) => `${line.what} ${formatDuration(line.atMost)}`);
  terms.push(`bring traffic home ${formatDuration(plan.budgets.abort + plan.budgets.verify)}`);
  const arithmetic = `${terms.join(' + ')} = ${formatDuration(total)}, ${formatDuration(total - jobLimit)} more than the ${formatDuration(jobLimit)} that the job may run`;
  return { fits: false, worstCase: total, arithmetic };
}
