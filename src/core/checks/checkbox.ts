import type { EpochMs } from '../units.ts';
import { formatAge } from './age.ts';
import { type Answer, listed } from './answer.ts';
import type { BodyHistory } from './forge-facts.ts';
import { type TaskItem, taskItems, wordsOf } from './task-list.ts';
import { type Tick, ticksOf } from './ticks.ts';

export interface CheckboxFacts {
  readonly body: string;
  readonly label: string;
  readonly url: string;
  readonly now: EpochMs;
  /** Null when it could not be read. */
  readonly history: BodyHistory | null;
  /** Why a login may not have ticked it; null when it may. */
  readonly bar: (login: string) => string | null;
}

export interface CheckboxRules {
  readonly text: string;
  /** Anything is asked that only the history can tell. */
  readonly asksWho: boolean;
  /** Who must have ticked it and who must not, in words. */
  readonly who: readonly string[];
  /** A tick from before this moment is of something else; null where it is not asked. */
  readonly since: { readonly at: EpochMs; readonly what: string } | null;
}

/** Whether an item of a task list is ticked, and by whom. Items that stand there twice must all be. */
export function decideCheckbox(facts: CheckboxFacts, rules: CheckboxRules): Answer {
  const { label, url, history } = facts;
  const { text } = rules;
  const base = { expected: expectedWords(facts, rules), evidence: [{ label, url }] };
  const items = itemsWith(text, history?.body ?? facts.body);
  if (items.length === 0) {
    const fix = `add \`- [ ] ${text}\` to ${label}, and tick it when it is done`;
    return { ...base, status: 'fail', code: 'missing', observed: 'no such item', fix };
  }
  if (!items.every(({ ticked }) => ticked))
    return { ...base, status: 'fail', code: 'not-met', observed: 'not ticked', fix: 'do it, then tick it' };
  const ticks = history === null ? null : ticksOf(history, items);
  if (ticks === null) return unknownTicker(base, rules);
  const seen = `ticked ${byWhom(ticks, facts.now)}`;
  const objection = rules.asksWho ? objectionTo(ticks, facts, rules) : null;
  if (objection !== null) return { ...base, status: 'fail', ...objection };
  return { ...base, status: 'pass', code: 'met', observed: seen };
}

function itemsWith(text: string, body: string): TaskItem[] {
  return taskItems(body).filter((item) => item.text.includes(wordsOf(text)));
}

function expectedWords({ label }: CheckboxFacts, { text, who, since }: CheckboxRules): string {
  const parts = [`"${text}" ticked in ${label}`, ...who, ...(since === null ? [] : [since.what])];
  return parts.join(', ');
}

function unknownTicker(base: Pick<Answer, 'expected' | 'evidence'>, { asksWho }: CheckboxRules): Answer {
  if (!asksWho) return { ...base, status: 'pass', code: 'met', observed: 'ticked' };
  const observed = 'ticked, but the history does not tell by whom';
  return { ...base, status: 'error', code: 'unreadable', observed, fix: 'untick it, and tick it anew' };
}

function byWhom(ticks: readonly Tick[], now: EpochMs): string {
  const said = ticks.map(({ by, at }) => `by ${by} ${formatAge(now - at)} ago`);
  return listed([...new Set(said)]);
}

type Objection = Pick<Answer, 'code' | 'observed' | 'fix'>;

/** Each item must have been ticked by somebody who counts, and not before what it is about. */
function objectionTo(
  ticks: readonly Tick[],
  { now, bar }: CheckboxFacts,
  { since }: CheckboxRules,
): Objection | null {
  const anew = 'untick it, and have it ticked anew';
  const reworded = ticks.filter((tick) => tick.reworded);
  if (reworded.length > 0)
    return { code: 'stale', observed: `reworded ${byWhom(reworded, now)}, after it was ticked`, fix: anew };
  const wrong = ticks.filter(({ by }) => bar(by) !== null);
  if (wrong.length > 0) {
    const why = wrong.map(({ by }) => `${by} ${bar(by) ?? ''}`);
    const observed = `ticked ${byWhom(wrong, now)}; ${listed([...new Set(why)])}`;
    return { code: 'unapproved', observed, fix: 'have it ticked by somebody who may' };
  }
  const old = since === null ? [] : ticks.filter(({ at }) => at < since.at);
  return old.length === 0 ? null : { code: 'stale', observed: `ticked ${byWhom(old, now)}`, fix: anew };
}
