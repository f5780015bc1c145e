import { type ActionIo, actionIo } from '../adapters/runner/action-io.ts';
import { createView } from '../adapters/terminal/view.ts';
import type { World } from '../app/world.ts';
import type { EnvironmentConfig } from '../config/config.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import { renderAnnotation } from '../core/report/annotation.ts';
import { renderLogLine } from '../core/report/log-line.ts';
import type { Result } from '../core/result.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Happening, Observer } from '../ports/observer.ts';
import { type Recorder, recorder } from '../recorder.ts';
import { wire } from '../wire.ts';

/** After the result is written and before the step ends; a cancelled job is not held up by it for long. */
const SHOWING: Milliseconds = 20_000;

/** A world to act on, and the way to tell people and machines what came of it. */
export interface Stage {
  readonly world: World;
  readonly chosen: EnvironmentConfig;
  readonly close: (result: Result, report: string | null) => Promise<void>;
}

/** Makes the world that the inputs name; null, with everything said, when they are wrong. */
export async function setStage(
  io: ActionIo,
  inputs: { readonly config: string; readonly environment: string; readonly 'github-token': string | null },
  watch: Observer = () => undefined,
): Promise<Stage | null> {
  const baseDir = process.env.GITHUB_WORKSPACE ?? process.cwd();
  const display = displayFor(io);
  const recording = recorder(baseDir, display.observe, watch);
  const { config, environment, 'github-token': token } = inputs;
  const wired = await wire({
    config,
    environment,
    baseDir,
    env: token === null ? process.env : { ...process.env, GITHUB_TOKEN: token },
    mask: io.mask,
    log: display.log,
    observe: recording.observe,
  });
  if (!wired.ok) {
    failWith(io, 'config-invalid', wired.report);
    return null;
  }
  const { world, chosen } = wired;
  display.know(chosen.kpis);
  const close = async (result: Result, report: string | null): Promise<void> => {
    display.close();
    await tell(io, recording, result, report, chosen);
    const unshown = (await world.publishing?.settle(SHOWING)) ?? null;
    if (unshown !== null) io.warning(unshown);
  };
  return { world, chosen, close };
}

/** Says what is wrong with the inputs or the configuration; nothing was touched. */
export function failWith(io: ActionIo, reasonCode: string, report: string): void {
  io.output('reason-code', reasonCode);
  io.output('verdict', 'fail');
  io.error(report, 'deploy-canary: nothing was touched');
  process.exitCode = 1;
}

async function tell(
  io: ActionIo,
  recording: Recorder,
  result: Result,
  report: string | null,
  chosen: EnvironmentConfig,
): Promise<void> {
  io.output('state', result.state);
  io.output('weight', result.weight === null ? '' : String(result.weight));
  io.output('reason-code', result.reasonCode);
  io.output('rollout-id', result.rolloutId ?? '');
  io.output('verdict', result.verdict);
  io.output('result', JSON.stringify(result));
  const line = renderAnnotation(result);
  if (result.verdict === 'pass') io.notice(line);
  else io.error(line, `deploy-canary ${result.operation}`);
  process.exitCode = result.verdict === 'pass' ? 0 : 1;
  await io.summary(recording.summary(result, chosen.kpis));
  if (report !== null) io.info(`report: ${await recording.report(report, result, chosen.kpis)}`);
}

interface Display {
  readonly observe: Observer;
  readonly log: (line: string) => void;
  readonly know: (kpis: readonly Kpi[]) => void;
  readonly close: () => void;
}

/** A live view where a person watches a terminal, log groups where GitHub keeps a log. */
function displayFor(io: ActionIo): Display {
  if (process.stdout.isTTY && process.env.GITHUB_ACTIONS !== 'true') {
    const view = createView({
      columns: () => process.stdout.columns ?? 80,
      isTty: true,
      write: (text) => process.stdout.write(text),
      rows: () => process.stdout.rows ?? 40,
      color: (process.env.NO_COLOR ?? '') === '',
    });
    return { observe: view.onHappening, log: () => undefined, know: view.know, close: view.close };
  }
  return groupedLog(io);
}

function groupedLog(io: ActionIo): Display {
  let open: string | null = null;
  const observe = (happening: Happening): void => {
    const title = happening.type === 'moved' ? groupTitle(happening) : null;
    if (title !== null && title !== open) {
      if (open !== null) io.endGroup();
      io.startGroup(title);
      open = title;
    }
    if (happening.type === 'note' && happening.level === 'warning') io.warning(happening.message);
    else io.info(renderLogLine(happening));
  };
  const close = (): void => {
    if (open !== null) io.endGroup();
  };
  return { observe, log: (line) => io.info(`  | ${line}`), know: () => undefined, close };
}

/** One group for each step of the plan, and one for each thing before and after them. */
function groupTitle(happening: Extract<Happening, { type: 'moved' }>): string | null {
  const { rollout } = happening.record;
  if (rollout === null) return null;
  const { phase, plan } = rollout;
  if ('step' in phase) {
    return `Step ${phase.step + 1} of ${plan.steps.length}: ${plan.steps[phase.step]?.weight ?? 0} %`;
  }
  if (phase.name === 'deploying') return `Deploy ${rollout.canary.version} to slot ${rollout.canary.slot}`;
  if (phase.name === 'aborting' || phase.name === 'confirming') return 'Bring traffic home';
  return phase.name === 'settling' || phase.name === 'verifying' ? 'Settle and verify' : null;
}

export { actionIo };
