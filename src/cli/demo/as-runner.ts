import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where an action's entries are, and what the runner would give to each of its steps. */
export interface Workplace {
  /** Root of this repository: its actions/ folder is what runs. */
  readonly home: string;
  readonly workspace: string;
  /** Where the files are kept by which a step speaks to the runner. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface StepEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface RunningStep {
  readonly child: ChildProcess;
  readonly ended: Promise<StepEnd>;
}

/** Starts one entry of an action as the Actions runner does: inputs and state in the environment, files for the answers. */
export async function startStep(
  place: Workplace,
  entry: string,
  inputs: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>>,
  stdio: 'inherit' | 'pipe',
): Promise<RunningStep> {
  const folder = await mkdtemp(join(place.scratch, 'step-'));
  const files = {
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
  };
  for (const file of Object.values(files)) await writeFile(file, '');
  const given = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  const kept = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
  const env = {
    ...place.env,
    ...files,
    GITHUB_WORKSPACE: place.workspace,
    ...Object.fromEntries([...given, ...kept]),
  };
  const child = spawn(process.execPath, [join(place.home, 'actions', `${entry}.mjs`)], {
    cwd: place.workspace,
    env,
    stdio: ['ignore', stdio, stdio],
  });
  const ended = new Promise<StepEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      void readEnd(files, code, signal).then(resolve, reject);
    });
  });
  return { child, ended };
}

async function readEnd(
  files: Readonly<Record<'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY', string>>,
  code: number | null,
  signal: NodeJS.Signals | null,
): Promise<StepEnd> {
  return {
    code,
    signal,
    outputs: parseFileCommands(await readFile(files.GITHUB_OUTPUT, 'utf8')),
    state: parseFileCommands(await readFile(files.GITHUB_STATE, 'utf8')),
    summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
  };
}

/** Reads `name<<delimiter … delimiter` blocks, the way in which a step tells values to the runner. */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const block of text.matchAll(/^(.+?)<<(.+)\r?\n([\s\S]*?)\r?\n\2$/gm)) {
    if (block[1] !== undefined && block[3] !== undefined) values[block[1]] = block[3];
  }
  return values;
}
