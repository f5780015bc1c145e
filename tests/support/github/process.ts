import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WrittenRule } from './faults.ts';
import { fields, list, text } from './json.ts';
import type { Seed } from './seed.ts';

/** A GitHub in a process of its own; what it tells is what `GitHub` tells, as JSON. */
export interface GitHubProcess {
  /** What GITHUB_API_URL is set to. */
  readonly url: string;
  seed<Name extends keyof Seed>(name: Name, ...given: Parameters<Seed[Name]>): Promise<unknown>;
  fault(rule: WrittenRule): Promise<void>;
  clearFaults(): Promise<void>;
  requests(): Promise<readonly unknown[]>;
  violations(): Promise<readonly unknown[]>;
  takeViolations(): Promise<readonly unknown[]>;
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const home = new URL('../../../', import.meta.url);

export async function startGitHubProcess(
  flavour: 'github.com' | 'ghes' = 'github.com',
): Promise<GitHubProcess> {
  const argv = ['--import', './tools/register.mjs', 'tests/support/github/main.ts', flavour];
  const child = spawn(process.execPath, argv, { cwd: home, stdio: ['pipe', 'pipe', 'inherit'] });
  const first = fields(JSON.parse(await firstLine(child)));
  const control = text(first, 'control');
  const order = async (command: string, said: unknown = {}): Promise<unknown> => {
    const answer = await fetch(`${control}/${command}`, { method: 'POST', body: JSON.stringify(said) });
    const body = await answer.text();
    if (!answer.ok) throw new Error(body);
    return JSON.parse(body);
  };
  const tell = async (command: string, said?: unknown): Promise<void> => {
    await order(command, said);
  };
  return {
    url: text(first, 'url'),
    seed: (name, ...given) => order('seed', { name, arguments: given }),
    fault: (rule) => tell('fault', rule),
    clearFaults: () => tell('clear-faults'),
    requests: async () => list(await order('requests')),
    violations: async () => list(await order('violations')),
    takeViolations: async () => list(await order('take-violations')),
    down: () => tell('down'),
    up: () => tell('up'),
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin?.end();
      await gone;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the process ended before it said where it listens');
}
