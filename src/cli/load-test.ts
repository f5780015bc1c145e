import { resolve } from 'node:path';
import type { Command } from 'commander';
import { INPUTS } from '../actions/inputs.ts';
import { unkeptLine, writePage } from '../actions/load-test-told.ts';
import { subjectOf } from '../actions/subject.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { runLoadTest } from '../wire-load-test.ts';
import { printGateResult } from './gate-output.ts';
import { headOf } from './head.ts';
import { commandFor, inputsOf } from './rollout-commands.ts';

/** A secret is no flag: others on the machine see those. Here the token is read from GITHUB_TOKEN. */
const FLAGS = INPUTS['load-test'].omit({ 'github-token': true });

/** `load-test`: makes or reads a load test and prints its findings; exit code 0 only when the gate is open. */
export function loadTestCommand(): Command {
  const command = commandFor('load-test', 'load that must be borne before a change goes on', FLAGS);
  return command.action(async () => {
    const stop = onCancel();
    const { env } = process;
    const sha = env.GITHUB_SHA ?? (await headOf(process.cwd(), stop));
    const inputs = inputsOf(command, FLAGS, { sha });
    const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
    const setting = {
      config: inputs.config,
      environment: inputs.environment,
      loadTest: inputs['load-test'] ?? inputs.environment,
      subject: subjectOf(inputs, env, Date.now()),
      baseDir: process.cwd(),
      env,
      mask: () => undefined,
      log: say,
      fence: () => ({ line: (text: string) => say(`| ${text}`), lift: () => undefined }),
    };
    const run = await runLoadTest(setting, stop);
    if (!run.ok) return command.error(run.report);
    if (inputs.report !== null) await writePage(run.result, resolve(inputs.report), say);
    if (run.result.unkept !== null) say(unkeptLine(run.result.unkept));
    printGateResult(command, run.result);
  });
}
