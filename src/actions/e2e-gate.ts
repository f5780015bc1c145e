import { type ActionIo, actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import type { OutputLog } from '../app/run-e2e-gate.ts';
import { sourceNotes } from '../core/e2e/notes.ts';
import { e2eSections } from '../core/report/e2e-sections.ts';
import { runE2e } from '../wire-e2e.ts';
import { refuseGate, tellGateResult } from './gate-stage.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { subjectOf } from './subject.ts';

/** Judges what the E2E tests have shown. Its verdict is the verdict of the job. */
export async function e2eGateMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS['e2e-gate'], io.input, { sha: process.env.GITHUB_SHA });
  if (!read.ok) return refuseGate(io, 'e2e-gate', read.problems.join('\n'));
  const { config, environment, suite } = read.inputs;
  const about = { ...read.inputs, 'check-run-id': null, 'override-freeze': null };
  const setting = {
    config,
    suite: suite ?? environment,
    subject: subjectOf(about, process.env, Date.now()),
    baseDir: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    env: process.env,
    log: io.info,
    output: (title: string) => fenced(io, title),
  };
  const run = await runE2e(setting, stop);
  if (!run.ok) return refuseGate(io, 'e2e-gate', run.report);
  for (const note of sourceNotes(run.result)) io.note(note);
  await tellGateResult(io, run.result, { sections: e2eSections(run.result) });
}

/** Tests print what they like: a group of the log in which the runner obeys nothing. */
function fenced({ startGroup, endGroup, fence }: ActionIo, title: string): OutputLog {
  startGroup(title);
  const { line, lift } = fence();
  const close = (): void => {
    lift();
    endGroup();
  };
  return { line, close };
}
