import { createInterface } from 'node:readline';
import type { RunningStep } from './as-runner.ts';

export type Hear = (line: string) => void;

export const print: Hear = (line) => process.stdout.write(`${line}\n`);

/** A step draws by itself where a person watches a terminal. */
export const stdio = (): 'inherit' | 'pipe' => (process.stdout.isTTY ? 'inherit' : 'pipe');

/** Hands each line of a step's log on. */
export function heard(step: RunningStep, hear: Hear): RunningStep {
  for (const stream of [step.child.stdout, step.child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', hear);
  }
  return step;
}
