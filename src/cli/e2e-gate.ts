import type { Command } from 'commander';
import { INPUTS } from '../actions/inputs.ts';
import { subjectOf } from '../actions/subject.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { runE2e } from '../wire-e2e.ts';
import { printGateResult } from './gate-output.ts';
import { headOf } from './head.ts';
import { commandFor, inputsOf } from './rollout-commands.ts';

/** `e2e-gate`: judges test reports, or runs the tests first; exit code 0 only when every flow is proven. */
export function e2eGateCommand(): Command {
  const command = commandFor(
    'e2e-gate',
    'named flows must be proven by E2E test reports',
    INPUTS['e2e-gate'],
  );
  return command.action(async () => {
    const stop = onCancel();
    const { env } = process;
    const sha = env.GITHUB_SHA ?? (await headOf(process.cwd(), stop));
    const inputs = inputsOf(command, INPUTS['e2e-gate'], { sha });
    const print = (line: string): void => void process.stderr.write(`  ${line}\n`);
    const setting = {
      config: inputs.config,
      suite: inputs.suite ?? inputs.environment,
      subject: subjectOf({ ...inputs, 'check-run-id': null, 'override-freeze': null }, env, Date.now()),
      baseDir: process.cwd(),
      env,
      log: print,
      output: () => ({ line: (text: string) => print(`| ${text}`), close: () => undefined }),
    };
    const run = await runE2e(setting, stop);
    if (!run.ok) return command.error(run.report);
    printGateResult(command, run.result);
  });
}
