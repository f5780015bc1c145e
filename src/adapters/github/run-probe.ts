import { z } from 'zod';
import type { Owner } from '../../core/rollout/record.ts';
import type { Forge } from '../../ports/forge.ts';
import type { OwnerProbe } from '../../ports/owner-probe.ts';

const run = z.object({ status: z.string().nullable() });
const jobs = z.object({
  jobs: z.array(z.object({ name: z.string(), run_attempt: z.number().optional(), status: z.string() })),
});

/**
 * Asks GitHub whether the workflow run that owns a rollout still runs, and its job within it. A job that has a
 * name of its own cannot be told from its id: then the whole run speaks for it.
 */
export function runProbe(forge: () => Forge): OwnerProbe {
  return {
    isAlive: async (owner, signal) => {
      const asked = runOf(owner);
      if (asked === null) return 'unknown';
      const answer = await forge().attempt(
        {
          route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}',
          params: { run_id: asked.run, attempt_number: asked.attempt },
          answer: run,
        },
        signal,
      );
      if (answer.kind === 'refused') return 'unknown';
      if (answer.data.status === 'completed') return 'dead';
      return (await jobHasEnded(forge(), asked, signal)) ? 'dead' : 'alive';
    },
  };
}

interface AskedRun {
  readonly run: number;
  readonly attempt: number;
  /** The job's id in its workflow. */
  readonly job: string;
}

/** An owner's id is made of run, attempt, job and a random part. */
function runOf({ kind, id, runId }: Owner): AskedRun | null {
  const [, attempt, job] = /^\d+-(\d+)-(.+)-[^-]+$/.exec(id) ?? [];
  if (kind !== 'github-run' || attempt === undefined || job === undefined) return null;
  return { run: Number(runId), attempt: Number(attempt), job };
}

/** True only when every job that may be the owner's has completed. In a called workflow its name has the caller's before it. */
async function jobHasEnded(
  forge: Forge,
  { run, attempt, job }: AskedRun,
  signal: AbortSignal,
): Promise<boolean> {
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
  const params = { run_id: run, filter: 'all', per_page: 100 };
  const found = await forge.request({ route, params, answer: jobs }, signal);
  const ours = found.jobs.filter(({ name, run_attempt: tried }) => {
    const last = name.split(' / ').at(-1) ?? name;
    return (tried === undefined || tried === attempt) && (last === job || last.startsWith(`${job} (`));
  });
  return ours.length > 0 && ours.every(({ status }) => status === 'completed');
}
