import type { Answer } from '../core/checks/answer.ts';
import { type Answered, evaluateChecklist, type Waiver } from '../core/checks/checklist.ts';
import type { FindingCode } from '../core/checks/code.ts';
import { type GateResult, type Subject, toGateResult } from '../core/checks/gate-result.ts';
import { formatDuration } from '../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../ports/adapter-error.ts';
import type { CheckContext, RegisteredCheck } from '../ports/check.ts';

export interface Gate {
  readonly checklist: string;
  readonly checks: readonly RegisteredCheck[];
  readonly waivers: readonly Waiver[];
  readonly subject: Subject;
}

/** Puts every question of a checklist at the same time, waits for all answers, and folds them into a verdict. */
export async function evaluateGate(
  context: CheckContext,
  gate: Gate,
  signal: AbortSignal,
): Promise<GateResult> {
  const { checklist, checks, waivers, subject } = gate;
  const startedAt = context.clock.now();
  const answered = await Promise.all(checks.map((check) => ask(context, check, subject, signal)));
  const ours = waivers.filter((waiver) => waiver.checklist === null || waiver.checklist === checklist);
  const run = {
    operation: 'preflight' as const,
    gate: checklist,
    service: context.service,
    subject,
    startedAt,
    endedAt: context.clock.now(),
    cancelled: signal.aborted,
  };
  return toGateResult(run, evaluateChecklist(answered, ours, subject.now));
}

/** Puts one question, and takes no longer than it may. */
export async function ask(
  context: CheckContext,
  check: RegisteredCheck,
  subject: Subject,
  signal: AbortSignal,
): Promise<Answered> {
  const began = context.clock.monotonic();
  const answer = await answerOf(context, check, subject, signal);
  const { id, title, severity } = check;
  return { id, title, severity, answer, durationMs: Math.round(context.clock.monotonic() - began) };
}

/** A check that does not answer in time is left behind, whether it listens to its signal or not. */
async function answerOf(
  context: CheckContext,
  check: RegisteredCheck,
  subject: Subject,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController();
  const patience = AbortSignal.any([signal, over.signal]);
  const late = context.clock.sleep(check.timeout, patience).then(() => {
    over.abort();
    return signal.aborted ? STOPPED : timedOut(check);
  });
  const asked = Promise.resolve()
    .then(() => check.run(context, subject, patience))
    .catch((error: unknown) => (patience.aborted ? late : unanswered(error)));
  const answer = await Promise.race([asked, late]);
  over.abort();
  return answer;
}

const STOPPED: Answer = {
  status: 'error',
  code: 'timed-out',
  observed: 'no answer before the run was cancelled',
  expected: 'an answer',
  fix: 'run it again',
};

function timedOut({ timeout }: RegisteredCheck): Answer {
  return {
    status: 'error',
    code: 'timed-out',
    observed: `no answer within ${formatDuration(timeout)}`,
    expected: 'an answer',
    fix: 'see whether what it asks is up, or give the check a longer `timeout`',
  };
}

const CODES: Readonly<Partial<Record<AdapterErrorCode, FindingCode>>> = {
  unauthorized: 'unauthorized',
  timeout: 'timed-out',
  'invalid-answer': 'unreadable',
};

/** What could not be asked, as an answer. */
export function unanswered(error: unknown): Answer {
  const code = error instanceof AdapterError ? (CODES[error.code] ?? 'unavailable') : 'unavailable';
  const said =
    error instanceof AdapterError ? error.message.replace(`${error.provider}: `, '') : messageOf(error);
  return { status: 'error', code, observed: `could not be asked: ${said}`, expected: 'an answer' };
}
