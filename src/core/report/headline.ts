import type { Result } from '../result.ts';
import type { ReasonCode } from '../rollout/reason.ts';
import { asSentence, oneLine } from './plain-text.ts';
import { formatPercent, shortVersion } from './words.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'neutral';

/** How it came out, in plain words. */
export interface Headline {
  readonly tone: Tone;
  /** One symbol that says the tone without colour. */
  readonly mark: string;
  /** `Rolled back`, `Promoted 3f2c1ab to production`. */
  readonly title: string;
  /** Why, as one sentence; empty when the title says it all. */
  readonly why: string;
  /** Where the traffic is now; empty when the title says it all. */
  readonly traffic: string;
}

const MARKS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', warn: '!', neutral: '–' };

export function headlineOf(result: Result): Headline {
  const { tone, title } = titleOf(result);
  const why = EXPLAINED_BY_TITLE.has(result.reasonCode) ? '' : asSentence(result.message);
  return { tone, mark: MARKS[tone], title, why, traffic: trafficNow(result) };
}

/** `Rolled back: Error rate was 4.1 %. All traffic is on 9ab12cd again.` */
export function headlineText(headline: Headline): string {
  const rest = [headline.why, headline.traffic].filter((part) => part !== '').join(' ');
  if (rest === '') return headline.title;
  return headline.why === '' ? `${headline.title}. ${rest}` : `${headline.title}: ${rest}`;
}

const EXPLAINED_BY_TITLE: ReadonlySet<ReasonCode> = new Set(['promoted', 'first-deployment']);

/** Reasons for which nothing was begun: the state in the result is that of an earlier rollout. */
const REFUSALS: ReadonlySet<ReasonCode> = new Set([
  'already-stable',
  'nothing-to-do',
  'config-invalid',
  'plan-too-long',
  'version-rejected',
  'version-unknown',
  'rollout-in-progress',
]);

/** True when the run began nothing, so that everything the result tells of a rollout is older news. */
export function isRefusal(result: Result): boolean {
  return result.state === 'none' || REFUSALS.has(result.reasonCode);
}

function titleOf(result: Result): Pick<Headline, 'tone' | 'title'> {
  const place = oneLine(result.environment);
  const version = result.version === null ? 'the new version' : shortVersion(result.version);
  if (result.reasonCode === 'traffic-not-home') return { tone: 'bad', title: 'Traffic may not be home' };
  if (isRefusal(result)) return notBegun(result);
  switch (result.state) {
    case 'promoted':
      return result.kind === 'first'
        ? { tone: 'good', title: `Deployed ${version} to ${place}, the first version there` }
        : { tone: 'good', title: `Promoted ${version} to ${place}` };
    case 'restored':
      return result.verdict === 'pass'
        ? { tone: 'good', title: `Restored ${version} in ${place}` }
        : { tone: 'warn', title: `Restored ${version} in ${place}, but it is not well` };
    case 'aborted':
      return { tone: 'bad', title: abortTitle(result) };
    case 'none':
      return notBegun(result);
    case 'parked':
      return { tone: 'good', title: `Parked: ${version} bakes in ${place}` };
    case 'deploying':
    case 'shifting':
    case 'baking':
    case 'catching-up':
    case 'settling':
    case 'verifying':
    case 'aborting':
    case 'confirming':
      return { tone: 'warn', title: `Not ended, ${version} in ${place} is still ${result.state}` };
  }
}

function abortTitle(result: Result): string {
  if (result.kind === 'first') return 'First deployment given up';
  if (result.kind === 'rollback') return 'Rollback given up';
  return 'Rolled back';
}

function notBegun(result: Result): Pick<Headline, 'tone' | 'title'> {
  if (result.verdict !== 'pass') return { tone: 'bad', title: 'Not started' };
  return { tone: 'neutral', title: 'Nothing to do' };
}

function trafficNow(result: Result): string {
  if (isRefusal(result) || result.state === 'promoted') return '';
  if (result.weight === null) return 'Where the traffic is could not be read.';
  if (result.weight === 0) return home(result);
  const version = result.version === null ? 'the new version' : shortVersion(result.version);
  if (result.state === 'restored') return '';
  if (result.weight === 100) return `All traffic is on ${version}.`;
  return `${formatPercent(result.weight)} of traffic is on ${version}.`;
}

function home(result: Result): string {
  if (result.stableVersion === null) return 'No traffic is on it, and there is no earlier version.';
  return `All traffic is on ${shortVersion(result.stableVersion)} again.`;
}
