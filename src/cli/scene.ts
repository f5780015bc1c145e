import type { Command } from 'commander';
import { createView } from '../adapters/terminal/view.ts';
import type { World } from '../app/world.ts';
import type { EnvironmentConfig } from '../config/config.ts';
import { renderAnnotation } from '../core/report/annotation.ts';
import type { Result } from '../core/result.ts';
import { recorder } from '../recorder.ts';
import { wire } from '../wire.ts';

export interface Scene {
  readonly world: World;
  readonly chosen: EnvironmentConfig;
  readonly close: (result: Result, report: string | null) => Promise<void>;
}

/** Makes the world that the flags name, with progress on standard error; ends the program when they are wrong. */
export async function setScene(
  command: Command,
  inputs: { readonly config: string; readonly environment: string },
): Promise<Scene> {
  const baseDir = process.cwd();
  const view = createView({
    columns: () => process.stderr.columns ?? 100,
    isTty: process.stderr.isTTY === true,
    write: (text) => process.stderr.write(text),
    rows: () => process.stderr.rows ?? 40,
    color: (process.env.NO_COLOR ?? '') === '',
  });
  const recording = recorder(baseDir, view.onHappening);
  const log = process.stderr.isTTY
    ? () => undefined
    : (line: string) => process.stderr.write(`  | ${line}\n`);
  const setting = {
    ...inputs,
    baseDir,
    env: process.env,
    mask: () => undefined,
    log,
    observe: recording.observe,
  };
  const wired = await wire(setting);
  if (!wired.ok) return command.error(wired.report);
  const { world, chosen } = wired;
  view.know(chosen.kpis);
  const close = async (result: Result, report: string | null): Promise<void> => {
    view.close();
    const { json } = command.opts<{ json?: boolean }>();
    process.stdout.write(json === true ? `${JSON.stringify(result)}\n` : `${renderAnnotation(result)}\n`);
    if (report !== null)
      process.stderr.write(`report: ${await recording.report(report, result, chosen.kpis)}\n`);
    const unshown = (await world.publishing?.settle(30_000)) ?? null;
    if (unshown !== null) process.stderr.write(`warning: ${unshown}\n`);
    process.exitCode = result.verdict === 'pass' ? 0 : 1;
  };
  return { world, chosen, close };
}
