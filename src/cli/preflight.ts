import type { Command } from 'commander';
import { INPUTS } from '../actions/inputs.ts';
import { subjectOf } from '../actions/subject.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { runGate } from '../wire-gate.ts';
import { printGateResult } from './gate-output.ts';
import { headOf } from './head.ts';
import { commandFor, inputsOf } from './rollout-commands.ts';

/** `preflight`: runs a checklist and prints its findings; exit code 0 only when the gate is open. */
export function preflightCommand(): Command {
  const command = commandFor('preflight', 'run a checklist; every check must be green', INPUTS.preflight);
  return command.action(async () => {
    const stop = onCancel();
    const { env } = process;
    const sha = env.GITHUB_SHA ?? (await headOf(process.cwd(), stop));
    const inputs = inputsOf(command, INPUTS.preflight, { sha });
    const token = inputs['github-token'];
    const setting = {
      config: inputs.config,
      environment: inputs.environment,
      checklist: inputs.checklist ?? inputs.environment,
      subject: subjectOf(inputs, env, Date.now()),
      baseDir: process.cwd(),
      env: token === null ? env : { ...env, GITHUB_TOKEN: token },
      mask: () => undefined,
      log: (line: string) => process.stderr.write(`  ${line}\n`),
    };
    const run = await runGate(setting, stop);
    if (!run.ok) return command.error(run.report);
    printGateResult(command, run.result);
  });
}
