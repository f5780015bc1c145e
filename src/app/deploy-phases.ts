import type { Answer } from '../core/checks/answer.ts';
import { type Answered, isShut } from '../core/checks/checklist.ts';
import { renderFindingLine } from '../core/report/gate-summary.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { PhaseLog } from '../ports/phase-log.ts';
import { unanswered } from './evaluate-gate.ts';

export interface Phase {
  /** Kebab-case; part of the ids of its findings. */
  readonly name: string;
  readonly title: string;
  /** `foreign` takes what programs print. */
  readonly work: (foreign: (line: string) => void) => Promise<readonly Answered[]>;
}

/** Phases of one service: the first red one stops what follows, and what follows says so. */
export interface Phases {
  readonly run: (phase: Phase) => Promise<void>;
  /** Title of the phase that was not green; null as long as all are. */
  readonly stoppedAt: () => string | null;
  readonly add: (...answered: readonly Answered[]) => void;
  readonly answered: () => readonly Answered[];
}

export function startPhases(service: string, log: PhaseLog, clock: Clock): Phases {
  const all: Answered[] = [];
  let stoppedAt: string | null = null;
  return {
    run: async ({ name, title, work }) => {
      if (stoppedAt !== null) {
        all.push(answeredBy(service, name, title, notBegun(stoppedAt)));
        return;
      }
      const began = clock.monotonic();
      const open = log.open(`${service}: ${title}`);
      const found = await work(open.foreign).catch((error: unknown) => {
        if (error instanceof AdapterError) return [answeredBy(service, name, title, unanswered(error))];
        open.close([]);
        throw error;
      });
      const took = Math.round(clock.monotonic() - began);
      const timed = found.map((one) => (one.durationMs > 0 ? one : { ...one, durationMs: took }));
      open.close(timed.map((one) => renderFindingLine({ title: one.title, ...withoutOutput(one.answer) })));
      all.push(...timed);
      if (timed.some(({ answer }) => isShut(answer))) stoppedAt = title;
    },
    stoppedAt: () => stoppedAt,
    add: (...answered) => void all.push(...answered),
    answered: () => all,
  };
}

/** What a program printed is in the log already. */
function withoutOutput({ detail, ...rest }: Answer): Omit<Answer, 'detail'> & { readonly detail?: string } {
  return detail === undefined || detail.includes('\n') ? rest : { ...rest, detail };
}

export function answeredBy(service: string, name: string, title: string, answer: Answer): Answered {
  return {
    id: `${service}-${name}`,
    title: `${service}: ${title}`,
    severity: 'block',
    answer,
    durationMs: 0,
  };
}

function notBegun(stoppedAt: string): Answer {
  const observed = `not begun, because ${stoppedAt} was not green`;
  return { status: 'skipped', code: 'not-needed', observed, expected: 'everything before it green' };
}
