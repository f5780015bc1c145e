import type { Subject } from '../core/checks/gate-result.ts';
import type { EpochMs } from '../core/units.ts';

/** Inputs that say what a gate is about. */
interface About {
  readonly sha: string;
  readonly environment: string;
  readonly version: string | null;
  readonly 'check-run-id'?: number | null;
  readonly 'override-freeze'?: string | null;
}

/** What a gate is asked about: the inputs, and what the runner says of the run. */
export function subjectOf(
  inputs: About,
  env: Readonly<Record<string, string | undefined>>,
  now: EpochMs,
): Subject {
  const run = Number(env.GITHUB_RUN_ID ?? '');
  return {
    sha: inputs.sha,
    ref: env.GITHUB_REF ?? '',
    environment: inputs.environment,
    version: inputs.version ?? inputs.sha,
    // Whoever asks for a run again is who started it.
    actor: env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR ?? env.USER ?? '',
    runId: Number.isInteger(run) && run > 0 ? run : null,
    checkRunId: inputs['check-run-id'] ?? null,
    job: env.GITHUB_JOB ?? '',
    now,
    override: inputs['override-freeze'] ?? null,
  };
}
