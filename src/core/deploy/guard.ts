import { formatMinute } from '../checks/age.ts';
import type { Answer } from '../checks/answer.ts';
import { counted, listed } from '../checks/answer.ts';
import type { Answered } from '../checks/checklist.ts';
import type { EpochMs } from '../units.ts';
import type { ParsedFile } from './change.ts';
import type { MigrationRule, Objection } from './migration-rules.ts';

/** A person has looked at what a migration does, and takes the responsibility. */
export interface MigrationWaiver {
  readonly file: string;
  readonly rule: MigrationRule;
  /** Only what is done to this table or column; null for all that the rule finds in the file. */
  readonly object: string | null;
  readonly person: string;
  readonly reason: string;
  readonly expires: EpochMs;
}

export interface GuardFacts {
  /** What was judged. */
  readonly files: readonly ParsedFile[];
  readonly objections: readonly Objection[];
  readonly waivers: readonly MigrationWaiver[];
  readonly now: EpochMs;
  /** Where the commit's files can be seen, without the path; null when nowhere. */
  readonly web: string | null;
  /** The service; part of the ids. */
  readonly name: string;
}

const EXPECTED = 'nothing that the running version cannot bear';

/** One answer for each objection, or one that says what was judged. */
export function guardAnswers(facts: GuardFacts): readonly Answered[] {
  const { files, objections, name } = facts;
  if (objections.length > 0) return unique(objections.map((one) => answered(one, facts)));
  const statements = files.reduce((sum, file) => sum + file.statements.length, 0);
  const observed =
    files.length === 0
      ? 'no new migrations'
      : `${counted(statements, 'change')} in ${counted(files.length, 'file')}: ${listed(files.map(({ path }) => path))}`;
  const answer: Answer = { status: 'pass', code: 'met', observed, expected: EXPECTED };
  return [
    { id: `${name}-migrations`, title: `${name}: migrations`, severity: 'block', answer, durationMs: 0 },
  ];
}

function answered(one: Objection, { waivers, now, web, name }: GuardFacts): Answered {
  const { rule, severity, file, line, observed, fix } = one;
  const label = `${file}:${line}`;
  const evidence = [web === null ? { label } : { label, url: `${web}/${file}#L${line}` }];
  const status = severity === 'warn' ? 'warn' : rule === 'cannot-be-judged' ? 'error' : 'fail';
  const code = rule === 'cannot-be-judged' ? 'unreadable' : 'not-met';
  const answer: Answer = {
    status,
    code,
    observed: `${label} ${observed}`,
    expected: EXPECTED,
    evidence,
    fix,
  };
  return {
    id: idOf(name, one),
    title: `${name}: migration ${rule}`,
    severity: 'block',
    answer: waived(answer, waiverFor(one, waivers), now),
    durationMs: 0,
  };
}

/** `back-end-drop-0007-drop-notes-12`: the same for the same line of the same file. */
function idOf(name: string, { rule, file, line }: Objection): string {
  const stem =
    file
      .split('/')
      .at(-1)
      ?.replace(/\.sql$/i, '') ?? file;
  const plain = stem
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${name}-${rule}-${plain}-${line}`;
}

/** Two objections to one line. */
function unique(all: readonly Answered[]): readonly Answered[] {
  return all.map((one, index) => {
    const before = all.slice(0, index).filter(({ id }) => id === one.id).length;
    return before === 0 ? one : { ...one, id: `${one.id}-${before + 1}` };
  });
}

/** The one that holds longest. */
function waiverFor(one: Objection, waivers: readonly MigrationWaiver[]): MigrationWaiver | null {
  const own = waivers.filter(
    ({ file, rule, object }) =>
      file === one.file && rule === one.rule && (object === null || object === one.object),
  );
  return own.toSorted((first, second) => second.expires - first.expires)[0] ?? null;
}

function waived(answer: Answer, waiver: MigrationWaiver | null, now: EpochMs): Answer {
  if (waiver === null) return answer;
  const { person, reason, expires } = waiver;
  if (now < expires) {
    const detail = `waived by ${person} until ${formatMinute(expires)}: ${reason}`;
    return { ...answer, status: 'waived', code: 'waived', detail };
  }
  const detail = `the waiver of ${person} expired at ${formatMinute(expires)}`;
  return { ...answer, status: 'fail', code: 'waiver-expired', detail };
}
