import { createHash } from 'node:crypto';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import type { CommittedFile, CommittedFiles } from '../../ports/migrations.ts';
import { folderOf, matchesGlob } from './glob.ts';

export const PROVIDER = 'migrations';
const LONGEST = 8_388_608;
const SHA = /^[0-9a-f]{40}$/;
/** What nobody may take for an option of git. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+/-]*$/;

/** What is asked of the place where the repository lives. */
export type FileFacts = Pick<ForgeFacts, 'fileAt'>;

type Context = Pick<AdapterContext, 'baseDir' | 'commands' | 'env'>;

/** Files of the commits that are in this clone; of others, what the forge says. */
export function gitFiles(context: Context, facts: () => FileFacts): CommittedFiles {
  return {
    list: async (patterns, commit, signal) => {
      if (!(await isHere(commit, context, signal))) return null;
      const folders = [...new Set(patterns.map(folderOf))];
      const listed = await git(['ls-tree', '-r', commit, '--', ...folders.map(asFolder)], context, signal);
      const files = outputOf(listed, `the files of ${commit.slice(0, 7)}`)
        .split('\n')
        .flatMap(entryOf);
      return files
        .filter(({ path }) => patterns.some((pattern) => matchesGlob(pattern, path)))
        .toSorted((one, other) => (one.path < other.path ? -1 : 1));
    },
    read: async ({ path, blob }, signal) =>
      outputOf(await git(['cat-file', 'blob', blob], context, signal), path),
    blobElsewhere: async (path, commit) => {
      const text = await facts().fileAt(path, commit);
      return text === null ? null : blobOf(text);
    },
    resolve: async (name, signal) => {
      if (!NAME.test(name)) return null;
      const found = await git(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], context, signal);
      const sha = found.kind === 'exited' && found.code === 0 ? found.output.trim() : '';
      return SHA.test(sha) ? sha : null;
    },
  };
}

/** With its slash it is what is in the folder; the root needs none. */
function asFolder(folder: string): string {
  return folder === '.' ? '.' : `${folder}/`;
}

async function isHere(commit: string, context: Context, signal: AbortSignal): Promise<boolean> {
  const inside = await git(['rev-parse', '--git-dir'], context, signal);
  outputOf(inside, 'a clone of the repository');
  const found = await git(['cat-file', '-e', `${commit}^{commit}`], context, signal);
  return found.kind === 'exited' && found.code === 0;
}

function git(words: readonly string[], { baseDir, commands, env }: Context, signal: AbortSignal) {
  const { PATH = '', HOME = '' } = env;
  const argv = ['git', '-c', 'core.quotePath=false', ...words];
  return commands({ argv, cwd: baseDir, env: { PATH, HOME }, timeout: 60_000, signal, maxOutput: LONGEST });
}

function outputOf(outcome: CommandOutcome, what: string): string {
  if (outcome.kind === 'exited' && outcome.code === 0 && outcome.output.length < LONGEST)
    return outcome.output;
  const told = 'output' in outcome ? (outcome.output.trim().split('\n').at(-1) ?? '') : outcome.why;
  const why = outcome.kind === 'exited' && outcome.code === 0 ? 'more than 8 MB' : told.slice(0, 200);
  throw unseen(what, why, 'run it in a checkout of the repository');
}

export function unseen(what: string, why: string, cure: string): AdapterError {
  return new AdapterError(PROVIDER, 'io', `expected to see ${what}, saw ${why}; ${cure}`, {
    retryable: false,
  });
}

/** `100644 blob 0123…	db/1.sql`. */
function entryOf(line: string): CommittedFile[] {
  const [, blob, path] = /^\d+ blob ([0-9a-f]{40})\t(.+)$/.exec(line) ?? [];
  return blob === undefined || path === undefined ? [] : [{ path, blob }];
}

function blobOf(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
