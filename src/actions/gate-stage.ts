import type { ActionIo } from '../adapters/runner/action-io.ts';
import type { GateOperation, GateResult } from '../core/checks/gate-result.ts';
import { renderGateLine, renderGateSummary } from '../core/report/gate-summary.ts';
import type { Markdown } from '../core/report/markdown.ts';
import { oneLine } from '../core/report/plain-text.ts';
import { failWith } from './stage.ts';

/** GitHub drops a summary over 1 MiB; some of it is left to whoever else writes into the same step. */
const SUMMARY_BYTES = 1_000_000;

/** What a gate has to tell beyond what every gate tells. */
export interface GateExtras {
  /** Outputs of this action alone, by name. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Sections of the job summary under the findings; the last go first where there is too little room. */
  readonly sections?: readonly Markdown[];
}

/** Tells machines and people what a gate found. Its verdict is the verdict of the step. */
export async function tellGateResult(
  io: ActionIo,
  result: GateResult,
  { outputs = {}, sections = [] }: GateExtras = {},
): Promise<void> {
  const { verdict, failed, reasonCode, operation, gate } = result;
  io.output('verdict', verdict);
  io.output('failed', failed.join(','));
  io.output('reason-code', reasonCode);
  for (const [name, value] of Object.entries(outputs)) io.output(name, value);
  io.output('result', JSON.stringify(result));
  const line = renderGateLine(result);
  if (verdict === 'pass') io.notice(line);
  else io.error(line, `deploy-canary ${operation}: ${gate}`);
  process.exitCode = verdict === 'pass' ? 0 : 1;
  await io.summary(renderGateSummary(result, SUMMARY_BYTES, sections));
}

/** What is left of a result when there was nothing to go by: no subject, no findings. */
export interface GateRefusal extends Pick<GateResult, 'schemaVersion' | 'operation' | 'failed' | 'findings'> {
  readonly verdict: 'fail';
  readonly reasonCode: 'config-invalid';
  /** The first problem that was found; the log has them all. */
  readonly message: string;
}

/** Says what is wrong with the inputs or the configuration of a gate, so that a pull request can say it too. */
export function refuseGate(io: ActionIo, operation: GateOperation, report: string): void {
  const message = oneLine(report.trim().split('\n', 1)[0] ?? '');
  const refusal: GateRefusal = {
    schemaVersion: 1,
    operation,
    verdict: 'fail',
    reasonCode: 'config-invalid',
    message,
    failed: [],
    findings: [],
  };
  io.output('failed', '');
  io.output('result', JSON.stringify(refusal));
  failWith(io, refusal.reasonCode, report);
}
