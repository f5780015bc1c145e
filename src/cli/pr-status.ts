import type { Command } from 'commander';
import { tellGate } from '../actions/gate-told.ts';
import { INPUTS } from '../actions/inputs.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { oneLine } from '../core/report/plain-text.ts';
import { commandFor, inputsOf } from './rollout-commands.ts';

/** `pr-status`: shows what a gate says on its commit and its pull request; exit code 0 when it is shown. */
export function prStatusCommand(): Command {
  const describe = 'show what a gate says on its commit and its pull request';
  const command = commandFor('pr-status', describe, INPUTS['pr-status']);
  return command.action(async () => {
    const stop = onCancel();
    const inputs = inputsOf(command, INPUTS['pr-status']);
    const told = await tellGate(inputs, { env: process.env, mask: () => undefined }, stop);
    if (!told.ok) return command.error(told.report);
    const { result } = told;
    const { json } = command.opts<{ json?: boolean }>();
    const line = oneLine([result.message, ...result.missed].join('; '));
    process.stdout.write(`${json === true ? JSON.stringify(result) : line}\n`);
    process.exitCode = result.verdict === 'pass' ? 0 : 1;
  });
}
