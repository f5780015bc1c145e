import type { Answer } from './answer.ts';
import { listed } from './answer.ts';
import { type Answered, isShut } from './checklist.ts';

interface Deployed {
  readonly id: string;
  readonly sha: string;
  readonly version: string;
  readonly state: string;
  readonly migrations: string | null;
}

export interface MigrationFacts {
  readonly sha: string;
  /** The earlier environment. */
  readonly tested: string;
  /** What was deployed there last with success; null for nothing. */
  readonly deployed: Deployed | null;
  /** What was begun there last. */
  readonly newest: Deployed | null;
  /** Digest of the commit's migrations; null where there are none. */
  readonly digest: string | null;
  /** What the rules say of those that the running version has not. */
  readonly judged: readonly Answered[];
}

/** Whether exactly these migrations ran in an earlier environment, and the running version bears them. */
export function decideMigrations(facts: MigrationFacts): Answer {
  const { judged, tested, sha } = facts;
  const expected = `these migrations run in ${tested} at ${short(sha)}, and nothing that the running version cannot bear`;
  const objection = untested(facts) ?? unbearable(judged);
  if (objection !== null) return { ...objection, expected };
  const allowed = judged.filter(({ answer }) => answer.status !== 'pass' && answer.status !== 'skipped');
  const skipped = judged.find(({ answer }) => answer.status === 'skipped');
  const observed = [
    `run in ${tested} with #${facts.deployed?.id ?? ''}`,
    ...judged.map(({ answer }) => answer.observed),
  ];
  const base = { observed: listed(observed, 4), expected };
  if (skipped !== undefined && judged.length === 1)
    return { ...base, status: 'warn', code: 'not-needed', fix: 'add `compatible`' };
  if (allowed.length === 0) return { ...base, status: 'pass', code: 'met' };
  const detail = allowed.map(({ answer }) => answer.detail ?? answer.observed).join('; ');
  return { ...base, status: 'warn', code: 'not-met', detail, fix: 'see that each of them is meant' };
}

type Objection = Omit<Answer, 'expected'>;

function untested({ sha, tested, deployed, newest, digest }: MigrationFacts): Objection | null {
  const fix = `deploy this commit to ${tested}`;
  if (newest !== null && newest.sha === sha && newest.state !== 'success') {
    const isOpen = newest.state === 'in_progress';
    const observed = `its deployment to ${tested} (#${newest.id}) is ${newest.state.replace('_', ' ')}`;
    return { status: isOpen ? 'no-data' : 'fail', code: isOpen ? 'pending' : 'failed', observed, fix };
  }
  if (deployed === null)
    return { status: 'fail', code: 'missing', observed: `nothing was deployed to ${tested}`, fix };
  if (deployed.sha !== sha) {
    const observed = `${tested} has ${deployed.version} (${short(deployed.sha)})`;
    return { status: 'fail', code: 'stale', observed, fix };
  }
  if (deployed.migrations === digest) return null;
  const observed = `#${deployed.id} ran other migrations than this commit has`;
  return { status: 'fail', code: 'not-met', observed, fix };
}

function unbearable(judged: readonly Answered[]): Objection | null {
  const shut = judged.filter(({ answer }) => isShut(answer));
  const [first] = shut;
  if (first === undefined) return null;
  const { status, code, fix = '' } = first.answer;
  const worst = shut.some(({ answer }) => answer.status === 'fail') ? 'fail' : status;
  const evidence = shut.flatMap(({ answer }) => answer.evidence ?? []);
  return { status: worst, code, observed: listed(shut.map(({ answer }) => answer.observed)), evidence, fix };
}

function short(sha: string): string {
  return sha.slice(0, 7);
}
