import { type Answer, counted, listed } from './answer.ts';
import type { Evidence } from './finding.ts';
import type { CheckRun, CommitStatus, RequiredCheck } from './forge-facts.ts';

export type CiRequirement =
  /** Everything that has reported at this commit. */
  | { readonly kind: 'all' }
  /** What the branch requires by protection and rulesets. */
  | { readonly kind: 'required'; readonly checks: readonly RequiredCheck[]; readonly branch: string }
  | { readonly kind: 'named'; readonly names: readonly string[] };

export interface CiRules {
  readonly require: CiRequirement;
  /** Names that do not count; `*` stands for any text. */
  readonly ignore: readonly string[];
  /** Nothing to look at is fine. */
  readonly allowNone: boolean;
}

/** The job that asks, so that it does not wait for itself. */
export interface Asker {
  readonly checkRunId: number | null;
  readonly runId: number | null;
  readonly job: string;
}

export interface CiFacts {
  readonly runs: readonly CheckRun[];
  readonly statuses: readonly CommitStatus[];
  readonly asker: Asker;
}

type Outcome = 'green' | 'failed' | 'pending' | 'missing';

/** One name and how its newest report came out. */
interface Report {
  readonly name: string;
  readonly app: number | null;
  readonly outcome: Outcome;
  /** In GitHub's own word. */
  readonly word: string;
  readonly url: string | null;
}

/** Statuses of this tool's own gates; they have checks of their own, and the list would wait for itself. */
export const OWN_CONTEXTS = 'deploy-canary/';

/** Rolls up everything that reported at one commit. Missing is not green, and pending is not green. */
export function decideCiStatus(facts: CiFacts, rules: CiRules): Answer {
  const reports = reportsOf(facts).filter(({ name }) => !isIgnored(name, rules.ignore));
  const wanted = wantedReports(reports, rules);
  const base = { expected: expectedWords(rules), evidence: evidenceOf(wanted) };
  if (wanted.length === 0) return nothingReported(base, rules);
  const of = (outcome: Outcome): Report[] => wanted.filter((one) => one.outcome === outcome);
  const [failed, missing, pending] = [of('failed'), of('missing'), of('pending')];
  const observed = [
    ...worded('failed', failed),
    ...worded('missing', missing),
    ...worded('pending', pending),
    ...(of('green').length === 0 ? [] : [`${counted(of('green').length, 'check')} green`]),
  ].join('; ');
  if (failed.length > 0) {
    const fix = 'open the failed checks, put the cause right, and run them again';
    return { ...base, status: 'fail', code: 'failed', observed, fix };
  }
  if (missing.length > 0) {
    const fix =
      'a required check has not reported at this commit: see that it runs for it, and that its name is right';
    return { ...base, status: 'fail', code: 'missing', observed, fix };
  }
  if (pending.length > 0)
    return {
      ...base,
      status: 'no-data',
      code: 'pending',
      observed,
      fix: 'wait for them, then run this again',
    };
  return { ...base, status: 'pass', code: 'met', observed };
}

interface Base {
  readonly expected: string;
  readonly evidence: readonly Evidence[];
}

function nothingReported(base: Base, { require, allowNone }: CiRules): Answer {
  const none =
    require.kind === 'required'
      ? `${require.branch} requires no checks`
      : 'no check has reported at this commit';
  if (allowNone) return { ...base, status: 'pass', code: 'not-needed', observed: none };
  const fix =
    require.kind === 'required'
      ? 'require checks on the branch, name them in `require:`, or write `allow-none: true`'
      : 'run the checks for this commit first';
  return { ...base, status: 'fail', code: 'missing', observed: none, fix };
}

function worded(word: string, reports: readonly Report[]): string[] {
  if (reports.length === 0) return [];
  const names = reports.map(({ name, word: said }) => (said === word ? name : `${name} (${said})`));
  return [`${word}: ${listed(names)}`];
}

function expectedWords({ require }: CiRules): string {
  switch (require.kind) {
    case 'all':
      return 'every check at this commit green';
    case 'required':
      return `the checks that ${require.branch} requires green`;
    case 'named':
      return `green: ${listed(require.names, 10)}`;
  }
}

function evidenceOf(reports: readonly Report[]): readonly Evidence[] {
  const red = reports.filter(({ outcome }) => outcome === 'failed' || outcome === 'pending');
  return (red.length > 0 ? red : reports)
    .filter(({ url }) => url !== null)
    .slice(0, 5)
    .map(({ name, url }) => ({ label: name, url: url ?? '' }));
}

function wantedReports(reports: readonly Report[], { require, ignore }: CiRules): Report[] {
  switch (require.kind) {
    case 'all':
      return reports.filter(({ name }) => !name.startsWith(OWN_CONTEXTS));
    case 'required':
      return require.checks
        .filter(({ name }) => !isIgnored(name, ignore))
        .flatMap((one) => matching(reports, one));
    case 'named':
      return require.names.flatMap((name) => matching(reports, { name, app: null }));
  }
}

/** All that reported under the name; two apps that share one must both be green. */
function matching(reports: readonly Report[], { name, app }: RequiredCheck): Report[] {
  const found = reports.filter(
    (one) => one.name === name && (app === null || one.app === null || one.app === app),
  );
  // A status does not say by which app it was made: where an app is asked for, its check run comes first.
  const byApp = app === null ? found : found.filter((one) => one.app === app);
  const meant = byApp.length > 0 ? byApp : found;
  return meant.length > 0 ? meant : [{ name, app, outcome: 'missing', word: 'missing', url: null }];
}

function reportsOf({ runs, statuses, asker }: CiFacts): Report[] {
  const others = runs.filter((run) => !isAsker(run, runs, asker));
  const newestRuns = newest(others, ({ app, name }) => `${app}/${name}`);
  const newestStatuses = newest(statuses, ({ context }) => context);
  return [
    ...newestRuns.map(({ name, app, url, ...run }) => ({ name, app, url, ...outcomeOfRun(run) })),
    ...newestStatuses.map(({ context, url, state }) => ({
      name: context,
      app: null,
      url,
      ...outcomeOfStatus(state),
    })),
  ];
}

/** A rerun makes a new id; the newest report under a key is the one that counts. */
function newest<T extends { readonly id: number }>(all: readonly T[], keyOf: (one: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const one of all) {
    const known = byKey.get(keyOf(one));
    if (known === undefined || one.id > known.id) byKey.set(keyOf(one), one);
  }
  return [...byKey.values()];
}

/**
 * Without its id, the job knows itself as the one unfinished check run of its workflow run that has its name, or
 * that is alone. Where that is not certain, nobody is left out, and the list waits.
 */
function isAsker(run: CheckRun, runs: readonly CheckRun[], { checkRunId, runId, job }: Asker): boolean {
  if (checkRunId !== null) return run.id === checkRunId;
  if (runId === null) return false;
  const unfinished = runs.filter((one) => one.workflowRun === runId && one.status !== 'completed');
  const named = unfinished.filter(({ name }) => name === job);
  const mine = named.length === 1 ? named : unfinished;
  return mine.length === 1 && mine[0] === run;
}

const GREEN = new Set(['success', 'skipped', 'neutral']);

function outcomeOfRun({
  status,
  conclusion,
}: Pick<CheckRun, 'status' | 'conclusion'>): Pick<Report, 'outcome' | 'word'> {
  if (status !== 'completed' || conclusion === null) return { outcome: 'pending', word: status };
  if (GREEN.has(conclusion)) return { outcome: 'green', word: conclusion };
  return { outcome: 'failed', word: conclusion === 'failure' ? 'failed' : conclusion };
}

function outcomeOfStatus(state: string): Pick<Report, 'outcome' | 'word'> {
  if (state === 'success') return { outcome: 'green', word: state };
  if (state === 'pending') return { outcome: 'pending', word: state };
  return { outcome: 'failed', word: state === 'failure' ? 'failed' : state };
}

function isIgnored(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fitsPattern(name, pattern));
}

/** `*` stands for any text, everything else for itself. */
function fitsPattern(name: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  const tail = rest.pop() ?? '';
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - tail.length;
}
