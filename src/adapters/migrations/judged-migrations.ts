import { createHash } from 'node:crypto';
import type { Answered } from '../../core/checks/checklist.ts';
import { decideCommand, endOf } from '../../core/checks/command.ts';
import type { ParsedFile } from '../../core/deploy/change.ts';
import { guardAnswers } from '../../core/deploy/guard.ts';
import { judgeMigrations, type Objection } from '../../core/deploy/migration-rules.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import type {
  CommittedFile,
  CommittedFiles,
  CompatibleProgram,
  Dialect,
  MigrationRange,
  MigrationSpec,
  Migrations,
} from '../../ports/migrations.ts';
import { unseen } from './git-files.ts';
import { readSql } from './read-sql.ts';

/** As many are asked for one by one, where the history is not here. */
const MOST_ASKED = 60;

type Context = Pick<
  AdapterContext,
  'baseDir' | 'commands' | 'env' | 'clock' | 'service' | 'environment' | 'log'
>;

/** The migrations of one service, read in the commits themselves. */
export function judgedMigrations(spec: MigrationSpec, files: CommittedFiles, context: Context): Migrations {
  const at = async (commit: string, signal: AbortSignal): Promise<readonly CommittedFile[]> => {
    const found = await files.list(spec.files, commit, signal);
    if (found !== null) return found;
    throw unseen(
      `commit ${commit.slice(0, 7)}`,
      'a clone without it',
      'check it out: `actions/checkout` with `fetch-depth: 0`',
    );
  };
  return {
    spec,
    at: async (commit, signal) => {
      const all = await at(commit, signal);
      return { digest: digestOf(all), files: all.length };
    },
    judge: async (range, signal) => {
      const { dialect } = spec;
      const guarded =
        dialect === null
          ? notSql(spec)
          : await guard({ ...spec, dialect }, files, await at(range.commit, signal), range, context, signal);
      const asked =
        spec.compatible === null ? [] : [await ask(spec.name, spec.compatible, range, context, signal)];
      return [...guarded, ...asked];
    },
  };
}

function digestOf(all: readonly CommittedFile[]): string {
  const lines = all.map(({ path, blob }) => `${blob} ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

function notSql({ name, compatible }: MigrationSpec): readonly Answered[] {
  const how = compatible === null ? ': nobody has judged them' : ': `compatible` judges them';
  const answer = {
    status: 'skipped',
    code: 'not-needed',
    observed: `these migrations are programs and no SQL${how}`,
    expected: 'SQL files in `files`',
  } as const;
  return [
    { id: `${name}-migrations`, title: `${name}: migrations`, severity: 'block', answer, durationMs: 0 },
  ];
}

interface Change {
  readonly file: CommittedFile;
  readonly isEdited: boolean;
}

async function guard(
  spec: MigrationSpec & { readonly dialect: Dialect },
  files: CommittedFiles,
  all: readonly CommittedFile[],
  range: MigrationRange,
  { clock, env }: Context,
  signal: AbortSignal,
): Promise<readonly Answered[]> {
  const judged = all.filter(({ path }) => spec.baseline === null || path > spec.baseline);
  const pending = await pendingIn(judged, files, spec, range, signal);
  const parse = (some: readonly CommittedFile[]): Promise<ParsedFile[]> =>
    Promise.all(
      some.map(async (file) => readSql({ path: file.path, text: await files.read(file, signal) }, spec)),
    );
  const parsed = await parse(pending.map(({ file }) => file));
  let objections = judgeMigrations(parsed);
  if (objections.some(({ rule }) => rule === 'type-change')) {
    const paths = new Set(pending.map(({ file }) => file.path));
    objections = judgeMigrations(parsed, await parse(all.filter(({ path }) => !paths.has(path))));
  }
  const edited = pending.filter(({ isEdited }) => isEdited).map(({ file }) => editObjection(file));
  const { name, waivers } = spec;
  const web = webOf(env, range.commit);
  return guardAnswers({
    name,
    waivers,
    web,
    now: clock.now(),
    files: parsed,
    objections: [...edited, ...objections],
  });
}

function editObjection({ path }: CommittedFile): Objection {
  const observed = 'is not what ran before under this name';
  return {
    rule: 'edited',
    severity: 'block',
    file: path,
    line: 1,
    object: '',
    observed,
    fix: 'put it back, and write a new one',
  };
}

async function pendingIn(
  all: readonly CommittedFile[],
  files: CommittedFiles,
  { files: patterns }: MigrationSpec,
  { running }: MigrationRange,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  if (running === null) return all.map((file) => ({ file, isEdited: false }));
  const here = await files.list(patterns, running, signal);
  const before =
    here === null ? await askedFor(all, files, running) : new Map(here.map(({ path, blob }) => [path, blob]));
  return all
    .filter(({ path, blob }) => before.get(path) !== blob)
    .map((file) => ({ file, isEdited: before.has(file.path) }));
}

/** A shallow clone does not show what the running version has. */
async function askedFor(
  all: readonly CommittedFile[],
  files: CommittedFiles,
  commit: string,
): Promise<ReadonlyMap<string, string>> {
  const what = `the migrations of the running version ${commit.slice(0, 7)}`;
  const cure = 'fetch the history: `actions/checkout` with `fetch-depth: 0`';
  if (all.length > MOST_ASKED) throw unseen(what, 'a shallow clone', cure);
  try {
    const found = await Promise.all(
      all.map(async ({ path }) => [path, await files.blobElsewhere(path, commit)] as const),
    );
    return new Map(found.flatMap(([path, blob]) => (blob === null ? [] : [[path, blob] as const])));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unseen(what, `a shallow clone, and elsewhere: ${why}`, cure);
  }
}

function webOf({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository }: Context['env'], commit: string) {
  return server === undefined || repository === undefined ? null : `${server}/${repository}/blob/${commit}`;
}

async function ask(
  name: string,
  { argv, envFrom, timeout }: CompatibleProgram,
  { commit, running }: MigrationRange,
  { baseDir, commands, env, clock, service, environment, log }: Context,
  signal: AbortSignal,
): Promise<Answered> {
  const began = clock.monotonic();
  const handed = ['PATH', 'HOME', ...envFrom].flatMap((key) =>
    env[key] === undefined ? [] : [[key, env[key]]],
  );
  const facts = {
    DEPLOY_CANARY_SERVICE: service,
    DEPLOY_CANARY_ENVIRONMENT: environment,
    DEPLOY_CANARY_SHA: commit,
    DEPLOY_CANARY_RUNNING_SHA: running ?? '',
  };
  const outcome = await commands({
    argv,
    cwd: baseDir,
    env: { ...Object.fromEntries(handed), ...facts },
    timeout,
    signal,
    onLine: (line) => log?.(line),
  });
  const answer = decideCommand(argv, endOf(outcome), 'output' in outcome ? outcome.output : '');
  const title = `${name}: migrations are compatible`;
  const durationMs = Math.round(clock.monotonic() - began);
  return { id: `${name}-compatible`, title, severity: 'block', answer, durationMs };
}
