import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';

/** The only place that touches what the Actions runner gives and takes: inputs, outputs, state, log commands. */
export interface ActionIo {
  readonly input: (name: string) => string;
  readonly output: (name: string, value: string) => void;
  readonly saveState: (name: string, value: string) => void;
  readonly state: (name: string) => string;
  readonly mask: (secret: string) => void;
  readonly info: (line: string) => void;
  readonly notice: (message: string) => void;
  readonly warning: (message: string) => void;
  readonly error: (message: string, title: string) => void;
  /** A message at a line of a file of the workspace; without a file it stands with the step. */
  readonly note: (note: LogNote) => void;
  readonly startGroup: (title: string) => void;
  readonly endGroup: () => void;
  /** Opens a fence around the output of somebody else's program: until it is lifted, the runner obeys no commands in the log. */
  readonly fence: () => Fence;
  readonly summary: (markdown: string) => Promise<void>;
}

export interface LogNote {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface Fence {
  readonly line: (text: string) => void;
  readonly lift: () => void;
}

/** On a runner, speaks workflow commands. Anywhere else a person reads along: plain lines, and no secret is printed to be masked. */
export const actionIo: ActionIo =
  process.env.GITHUB_ACTIONS === 'true' ? onRunner() : { ...onRunner(), ...plain() };

function onRunner(): ActionIo {
  return {
    input: (name) => core.getInput(name),
    output: (name, value) => {
      if (process.env.GITHUB_OUTPUT !== undefined) core.setOutput(name, value);
    },
    saveState: (name, value) => {
      if (process.env.GITHUB_STATE !== undefined) core.saveState(name, value);
    },
    state: (name) => core.getState(name),
    mask: (secret) => core.setSecret(secret),
    info: (line) => core.info(line),
    notice: (message) => core.notice(message),
    warning: (message) => core.warning(message),
    error: (message, title) => core.error(message, { title }),
    note,
    startGroup: (title) => core.startGroup(title),
    endGroup: () => core.endGroup(),
    fence,
    summary: async (markdown) => {
      if (process.env.GITHUB_STEP_SUMMARY === undefined) return;
      await core.summary.addRaw(markdown).write();
    },
  };
}

function note({ level, title, message, file, line }: LogNote): void {
  const place = { ...(file === null ? {} : { file }), ...(line === null ? {} : { startLine: line }) };
  const show = level === 'error' ? core.error : core.warning;
  show(message, { title, ...place });
}

/** Nobody who writes into the log can guess the word that lifts it. */
function fence(): Fence {
  const word = randomUUID();
  core.info(`::stop-commands::${word}`);
  return { line: (text) => core.info(text), lift: () => core.info(`::${word}::`) };
}

function plain(): Partial<ActionIo> {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  return {
    mask: () => undefined,
    info: (line) => print(`  ${line}`),
    notice: (message) => print(`  ${message}`),
    warning: (message) => print(`  warning: ${message}`),
    error: (message) => print(`  error: ${message}`),
    note: ({ level, title, message, file, line }) =>
      print(`  ${level}: ${[file, line].filter((part) => part !== null).join(':')} ${title}: ${message}`),
    startGroup: (title) => print(`\n> ${title}`),
    endGroup: () => undefined,
    fence: () => ({ line: (text) => print(`  | ${text}`), lift: () => undefined }),
  };
}
