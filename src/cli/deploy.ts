import type { Command } from 'commander';
import { INPUTS } from '../actions/inputs.ts';
import { subjectOf } from '../actions/subject.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import type { PhaseLog } from '../ports/phase-log.ts';
import { runDeploy } from '../wire-deploy.ts';
import { printGateResult } from './gate-output.ts';
import { headOf } from './head.ts';
import { commandFor, inputsOf } from './rollout-commands.ts';

/** A secret is no flag: others on the machine see those. Here the token is read from GITHUB_TOKEN. */
const FLAGS = INPUTS.deploy.omit({ 'github-token': true });

/** `deploy`: migrates, deploys, verifies and records; exit code 0 only when all of it is green. */
export function deployCommand(): Command {
  const command = commandFor('deploy', 'deploy a version to an environment, and verify it', FLAGS);
  return command.action(async () => {
    const stop = onCancel();
    const { env } = process;
    const sha = env.GITHUB_SHA ?? (await headOf(process.cwd(), stop));
    const inputs = inputsOf(command, FLAGS, { sha });
    const unasked = { 'github-token': null, 'check-run-id': null, 'override-freeze': null };
    const subject = subjectOf({ ...inputs, ...unasked }, env, Date.now());
    const { service: only, 'allow-downgrade': allowDowngrade, force } = inputs;
    const setting = {
      config: inputs.config,
      environment: inputs.environment,
      subject,
      request: { subject, only, allowDowngrade, force },
      baseDir: process.cwd(),
      env,
      mask: () => undefined,
      phases: onStderr,
    };
    const run = await runDeploy(setting, stop);
    if (!run.ok) return command.error(run.report);
    printGateResult(command, run.result);
  });
}

/** Standard output is for the result. */
const onStderr: PhaseLog = {
  open: (title) => {
    const print = (line: string): void => void process.stderr.write(`${line}\n`);
    print(`> ${title}`);
    return {
      foreign: (line) => print(`  | ${line}`),
      close: (lines) => {
        for (const line of lines) print(`  ${line}`);
      },
    };
  },
};
