import type { Answer } from './answer.ts';

/** How a program ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'not-started'; readonly why: string };

/** The last line that a program wrote says most. */
export function decideCommand(argv: readonly string[], end: CommandEnd, output: string): Answer {
  const last = output.trim().split('\n').at(-1)?.trim() ?? '';
  const detail = last === '' ? {} : { detail: last.slice(0, 300) };
  const base = { expected: `${argv[0] ?? ''} ends with exit code 0`, ...detail };
  const fix = `run \`${argv.join(' ')}\` and see what it says`;
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return { ...base, status: 'pass', code: 'met', observed: 'exit code 0' };
      return { ...base, status: 'fail', code: 'failed', observed: `exit code ${end.code}`, fix };
    case 'killed':
      return { ...base, status: 'error', code: 'failed', observed: `ended by ${end.signal}`, fix };
    case 'stopped':
      return { ...base, status: 'error', code: 'timed-out', observed: end.why, fix };
    case 'not-started':
      return { ...base, status: 'error', code: 'missing', observed: end.why, fix: 'correct the command' };
  }
}

/** What a runner of programs tells of an end. */
export type ProgramOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed-out' | 'aborted' }
  | { readonly kind: 'not-found'; readonly why: string };

export function endOf(outcome: ProgramOutcome): CommandEnd {
  switch (outcome.kind) {
    case 'exited':
      return { kind: 'exited', code: outcome.code };
    case 'killed':
      return { kind: 'killed', signal: outcome.signal };
    case 'timed-out':
    case 'aborted':
      return { kind: 'stopped', why: 'not ended in time' };
    case 'not-found':
      return { kind: 'not-started', why: outcome.why };
  }
}
