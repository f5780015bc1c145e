import type { EpochMs } from '../units.ts';
import { type Answer, listed } from './answer.ts';
import type { RunApproval } from './forge-facts.ts';

/** Somebody's yes or no, and the commit that it is about. */
export interface Voice {
  readonly by: string;
  readonly says: 'yes' | 'no';
  /** The commit that it names, in full or its first seven digits at least; null when it is about none. */
  readonly commit: string | null;
  readonly at: EpochMs;
  readonly url: string | null;
  /** Whether this person may approve. */
  readonly counts: boolean;
  /** Its words were changed after they were said, so that a yes of it may be another's. */
  readonly edited?: boolean;
}

export interface ApprovalFacts {
  readonly sha: string;
  /** Who started the run. */
  readonly starter: string;
  readonly voices: readonly Voice[];
}

export interface ApprovalRules {
  readonly approvals: number;
  readonly allowSelf: boolean;
  /** Where an approval comes from, for people. */
  readonly from: string;
}

/** Whether enough people who may have said yes to this very commit, and nobody of them no. */
export function decideApproval({ sha, starter, voices }: ApprovalFacts, rules: ApprovalRules): Answer {
  const { approvals, allowSelf, from } = rules;
  const who = allowSelf ? '' : `, not ${starter || 'the one who started the run'}`;
  const expected = `${approvals === 1 ? 'an approval' : `${approvals} approvals`} of ${sha.slice(0, 7)} ${from}${who}`;
  const latest = latestVoices(voices.filter(({ counts, commit }) => counts && isAbout(commit, sha)));
  const said = latest.filter(({ by }) => allowSelf || !isSame(by, starter));
  const against = latest.filter(({ says }) => says === 'no');
  const yes = said.filter(({ says, edited }) => says === 'yes' && edited !== true);
  const evidence = [...against, ...yes].flatMap(({ by, url }) => (url === null ? [] : [{ label: by, url }]));
  const base = { expected, evidence };
  if (against.length > 0) {
    const observed = `rejected by ${listed(against.map(({ by }) => by))}`;
    return { ...base, status: 'fail', code: 'refused', observed, fix: 'talk to them; then start again' };
  }
  if (yes.length >= approvals) {
    return {
      ...base,
      status: 'pass',
      code: 'met',
      observed: `approved by ${listed(yes.map(({ by }) => by))}`,
    };
  }
  const observed = whyNot(voices, sha, rules, starter, yes.length);
  return { ...base, status: 'fail', code: 'unapproved', observed, fix: `ask for an approval ${from}` };
}

function whyNot(
  voices: readonly Voice[],
  sha: string,
  { allowSelf, approvals }: ApprovalRules,
  starter: string,
  given: number,
): string {
  const yes = voices.filter(({ says }) => says === 'yes');
  const others = yes.filter(({ commit, counts }) => counts && !isAbout(commit, sha));
  const edited = yes.filter((voice) => voice.counts && voice.edited === true);
  const strangers = yes.filter(({ counts }) => !counts);
  const self = allowSelf ? [] : yes.filter(({ by, counts }) => counts && isSame(by, starter));
  const parts = [
    given === 0 ? 'nobody approved it' : `${given} of ${approvals} approvals`,
    ...(self.length === 0 ? [] : [`${starter} started the run and cannot approve it`]),
    ...(others.length === 0 ? [] : [`${names(others)} approved another commit`]),
    ...(edited.length === 0 ? [] : [`the comment of ${names(edited)} was edited`]),
    ...(strangers.length === 0 ? [] : [`${names(strangers)} may not approve`]),
  ];
  return parts.join('; ');
}

function names(voices: readonly Voice[]): string {
  return listed([...new Set(voices.map(({ by }) => by))]);
}

function latestVoices(voices: readonly Voice[]): Voice[] {
  const byPerson = new Map<string, Voice>();
  for (const voice of voices) {
    const known = byPerson.get(voice.by);
    if (known === undefined || voice.at >= known.at) byPerson.set(voice.by, voice);
  }
  return [...byPerson.values()];
}

/** Logins differ in nothing but case only when they are the same. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function isAbout(commit: string | null, sha: string): boolean {
  return commit !== null && commit.length >= 7 && sha.startsWith(commit.toLowerCase());
}

/** `/approve 1a2b3c4` or `/reject 1a2b3c4` on a line of its own; the last one of the comment. */
export function voiceIn(comment: string): Pick<Voice, 'says' | 'commit'> | null {
  const lines = [...comment.matchAll(/^[ \t]*\/(approve|reject)(?:[ \t]+([0-9a-f]{7,40}))?[ \t]*$/gim)];
  const [, word, commit] = lines.at(-1) ?? [];
  if (word === undefined) return null;
  return { says: word.toLowerCase() === 'approve' ? 'yes' : 'no', commit: commit ?? null };
}

/** What the reviewers of an environment said to a run. GitHub lists them oldest first and without a time. */
export function voicesOfRun(approvals: readonly RunApproval[], environment: string, commit: string): Voice[] {
  return approvals.flatMap(({ state, by, environments }, at) => {
    if (!environments.includes(environment) || (state !== 'approved' && state !== 'rejected')) return [];
    return {
      by,
      says: state === 'approved' ? 'yes' : 'no',
      commit,
      at,
      url: null,
      counts: true,
    } satisfies Voice;
  });
}
