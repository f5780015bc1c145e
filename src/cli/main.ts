import { Command } from 'commander';
import { demoCommands } from './demo/commands.ts';
import { deployCommand } from './deploy.ts';
import { e2eGateCommand } from './e2e-gate.ts';
import { loadTestCommand } from './load-test.ts';
import { planCommand } from './plan.ts';
import { prStatusCommand } from './pr-status.ts';
import { preflightCommand } from './preflight.ts';
import { replayCommand } from './replay.ts';
import { reconcileCommand, rollbackCommand, runCommand } from './rollout-commands.ts';
import { routerCommand } from './router.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

/** The programs by which the demo's configuration starts and stops its service. */
const HIDDEN = /^demo-(start|stop|service)$/;

/** The terminal's face of the same use cases that the actions have. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const program = new Command('deploy-canary')
    .description(
      'Progressive delivery: shift traffic step by step, watch, promote or take every request back.',
    )
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what can be said)');
  for (const command of [
    runCommand(),
    rollbackCommand(),
    reconcileCommand(),
    statusCommand(),
    planCommand(),
    replayCommand(),
    validateCommand(),
    preflightCommand(),
    deployCommand(),
    loadTestCommand(),
    e2eGateCommand(),
    prStatusCommand(),
    routerCommand(),
    ...demoCommands(),
  ]) {
    program.addCommand(command, { hidden: HIDDEN.test(command.name()) });
  }
  await program.parseAsync([...argv]);
}
