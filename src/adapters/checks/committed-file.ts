import type { Subject } from '../../core/checks/gate-result.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import { fromEnv } from './command.ts';

const LONGEST_FILE = 4_194_304;

/** A file as it is in the commit that goes out, whatever else is checked out or was changed since. */
export async function fileAtCommit(
  path: string,
  context: CheckContext,
  { sha }: Subject,
  signal: AbortSignal,
): Promise<string> {
  const argv = ['git', 'cat-file', 'blob', `${sha}:./${path}`];
  const env = fromEnv(context, ['PATH', 'HOME']);
  const command = { argv, cwd: context.baseDir, env, timeout: 30_000, signal, maxOutput: LONGEST_FILE };
  const outcome = await context.commands(command);
  if (outcome.kind === 'exited' && outcome.code === 0) return outcome.output;
  const why = 'output' in outcome ? outcome.output.trim().split('\n').at(-1) : outcome.why;
  const cure = 'check the path, and fetch the commit: `actions/checkout` with its `ref`';
  const message = `expected ${path} in commit ${sha.slice(0, 7)}, saw none (${why}); ${cure}`;
  throw new AdapterError('preflight', 'io', message, { retryable: false });
}
