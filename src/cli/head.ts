import { runCommand } from '../adapters/runner/spawn.ts';

/** The commit that is checked out here, where this is a git repository. */
export async function headOf(cwd: string, signal: AbortSignal): Promise<string | undefined> {
  const argv = ['git', 'rev-parse', 'HEAD'];
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  const outcome = await runCommand({ argv, cwd, env, timeout: 5_000, signal });
  return outcome.kind === 'exited' && outcome.code === 0 ? outcome.output.trim() : undefined;
}
