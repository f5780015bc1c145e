import type { Command } from 'commander';
import type { GateResult } from '../core/checks/gate-result.ts';
import { renderGateLine } from '../core/report/gate-summary.ts';

/** Prints what a gate found, as a line or with `--json`; exit code 0 only when the gate is open. */
export function printGateResult(command: Command, result: GateResult): void {
  const { json } = command.opts<{ json?: boolean }>();
  process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${renderGateLine(result)}\n`);
  process.exitCode = result.verdict === 'pass' ? 0 : 1;
}
