import { type Answer, counted } from './answer.ts';
import { shown } from './http.ts';

/** What a flag system says of one flag. */
export type FlagState =
  | { readonly kind: 'value'; readonly value: unknown; readonly variant?: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'broken'; readonly why: string };

export interface Flag {
  readonly name: string;
  readonly wanted: string | number | boolean;
  readonly state: FlagState;
}

/** Whether every flag is in the state that the release needs. An unknown flag is a fail. */
export function decideFlags(flags: readonly Flag[], source: string): Answer {
  const expected = `in ${source}: ${flags.map(({ name, wanted }) => `${name} = ${shown(wanted)}`).join(', ')}`;
  const wrong = flags.filter((flag) => !isRight(flag));
  if (wrong.length === 0) {
    return { status: 'pass', code: 'met', observed: `${counted(flags.length, 'flag')} as needed`, expected };
  }
  const observed = wrong.map(wrongWords).join('; ');
  const unknown = wrong.some(({ state }) => state.kind === 'unknown');
  const fix = `set the flags in ${source}, or deploy when they are set`;
  return { status: 'fail', code: unknown ? 'missing' : 'not-met', observed, expected, fix };
}

function isRight({ state, wanted }: Flag): boolean {
  if (state.kind !== 'value') return false;
  return state.value === wanted || (typeof wanted === 'string' && state.variant === wanted);
}

function wrongWords({ name, state }: Flag): string {
  switch (state.kind) {
    case 'value':
      return `${name} is ${shown(state.value)}`;
    case 'unknown':
      return `${name} is unknown`;
    case 'broken':
      return `${name} could not be evaluated (${state.why})`;
  }
}
