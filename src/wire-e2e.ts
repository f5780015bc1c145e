import { resolve } from 'node:path';
import { reportFiles } from './adapters/reports/report-files.ts';
import { systemClock } from './adapters/runner/clock.ts';
import { runCommand } from './adapters/runner/spawn.ts';
import { type OutputLog, runE2eGate } from './app/run-e2e-gate.ts';
import { findSuite } from './config/config.ts';
import type { Subject } from './core/checks/gate-result.ts';
import type { E2eResult } from './core/e2e/result.ts';
import { inOrder, renderFindingLine } from './core/report/gate-summary.ts';
import { AdapterError } from './ports/adapter-error.ts';
import { loadConfig, type Setting } from './wire.ts';

export interface E2eSetting extends Pick<Setting, 'config' | 'baseDir' | 'env' | 'log'> {
  /** Name of the suite in the configuration. */
  readonly suite: string;
  readonly subject: Subject;
  /** Opens a part of the log for what the tests print. */
  readonly output: (title: string) => OutputLog;
}

export type E2eRun =
  | { readonly ok: true; readonly result: E2eResult }
  | { readonly ok: false; readonly report: string };

/** Judges a suite of the configuration. */
export async function runE2e(setting: E2eSetting, signal: AbortSignal): Promise<E2eRun> {
  const { baseDir, env, suite: name, subject, output } = setting;
  const loaded = await loadConfig(baseDir, setting.config);
  if (!loaded.ok) return loaded;
  const found = findSuite(loaded.config, name);
  if (!found.ok) return { ok: false, report: found.message };
  const world = {
    clock: systemClock,
    commands: runCommand,
    reports: reportFiles(baseDir),
    env,
    directory: (path: string) => resolve(baseDir, path),
    output,
  };
  try {
    const gate = { name, service: loaded.config.service, suite: found.suite, subject };
    const result = await runE2eGate(world, gate, signal);
    for (const finding of inOrder(result.findings)) setting.log(renderFindingLine(finding));
    return { ok: true, result };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}
