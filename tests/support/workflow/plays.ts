import { type Contexts, expression, type Json } from './expression.ts';
import type { Judged, Workflow } from './read.ts';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface JobEnd {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Every way in which a job that runs may end; `skipped` is never one of them. */
export type Endings = (job: string) => readonly JobEnd[];

/** How a run went: how each job ended, and whether somebody cancelled it before it was over. */
export interface Play {
  readonly ends: Readonly<Record<string, JobEnd>>;
  /** The job that was running when the run was cancelled; null when it was not. */
  readonly cancelledIn: string | null;
}

const SKIPPED: JobEnd = { result: 'skipped', outputs: {} };

/** All ways in which a run of a workflow can go, with its own conditions deciding which jobs run. */
export function* allPlays(
  { jobs }: Workflow,
  judged: Judged,
  contexts: Contexts,
  endings: Endings,
): Generator<Play> {
  const order = inOrder(jobs);
  const conditions = new Map(order.map((id) => [id, expression(judged.jobs[id] ?? 'success()')]));
  const runs = (id: string, { ends, cancelledIn }: Play): boolean => {
    const needs = jobs[id]?.needs ?? [];
    const before = ancestors(jobs, id).map((name) => ends[name]?.result);
    const cancelled = cancelledIn !== null;
    const status = {
      cancelled,
      success: !cancelled && before.every((result) => result === 'success'),
      failure: before.includes('failure'),
    };
    const needed: Record<string, Json> = {};
    for (const name of needs) needed[name] = { ...(ends[name] ?? SKIPPED) };
    return conditions.get(id)?.({ ...contexts, needs: needed }, status) === true;
  };
  function* from(place: number, play: Play): Generator<Play> {
    const id = order[place];
    if (id === undefined) return yield play;
    const next = (end: JobEnd, cancelledIn = play.cancelledIn): Generator<Play> =>
      from(place + 1, { ends: { ...play.ends, [id]: end }, cancelledIn });
    if (!runs(id, play)) return yield* next(SKIPPED);
    for (const end of endings(id)) {
      yield* next(end);
      if (end.result === 'cancelled' && play.cancelledIn === null) yield* next(end, id);
    }
  }
  yield* from(0, { ends: {}, cancelledIn: null });
}

/** Jobs in an order in which each comes after those that it needs. */
function inOrder(jobs: Workflow['jobs']): string[] {
  const done: string[] = [];
  const left = new Set(Object.keys(jobs));
  while (left.size > 0) {
    const ready = [...left].filter((id) => (jobs[id]?.needs ?? []).every((need) => done.includes(need)));
    if (ready.length === 0) throw new Error(`jobs that need each other: ${[...left].join(', ')}`);
    for (const id of ready) {
      done.push(id);
      left.delete(id);
    }
  }
  return done;
}

/** `success()` and `failure()` speak of everything that came before, not only of what a job needs itself. */
function ancestors(jobs: Workflow['jobs'], id: string): string[] {
  const found = new Set<string>();
  const todo = [...(jobs[id]?.needs ?? [])];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    todo.push(...(jobs[name]?.needs ?? []));
  }
  return [...found];
}
