import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningStep, type StepEnd, startStep } from '../../src/cli/demo/as-runner.ts';
import { compileSources } from '../adapters/runner/compiled-sources.ts';

export interface StepTold extends StepEnd {
  readonly log: string;
}

export interface StepUnderWay {
  readonly child: RunningStep['child'];
  readonly ended: Promise<StepTold>;
}

/** Entries of actions as the sources have them now, each run as a process of its own, as a runner would. */
export interface SourceActions {
  /** A workspace. */
  readonly folder: string;
  readonly play: (
    entry: string,
    inputs: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string | undefined>>,
    /** What an earlier step of the same action has saved. */
    state?: Readonly<Record<string, string>>,
    /** Default: the folder that all share. */
    workspace?: string,
  ) => Promise<StepTold>;
  /** The same, for who wants to do something to it while it runs. */
  readonly start: (...step: Parameters<SourceActions['play']>) => Promise<StepUnderWay>;
  readonly remove: () => void;
}

/** Entries by name, each with the source and the function that it is: `{ 'canary/main': ['src/actions/canary.ts', 'canaryMain'] }`. */
export async function sourceActions(
  entries: Readonly<Record<string, readonly [string, string]>>,
): Promise<SourceActions> {
  const sources = await compileSources(...new Set(Object.values(entries).map(([source]) => source)));
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  for (const [entry, [source, name]] of Object.entries(entries)) {
    const file = join(folder, 'actions', `${entry}.mjs`);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `import { ${name} } from '${sources.url(source)}';\nawait ${name}();\n`);
  }
  const { PATH, HOME } = process.env;
  const start: SourceActions['start'] = async (entry, inputs, env, state = {}, workspace = folder) => {
    const around = { PATH, HOME, GITHUB_ACTIONS: 'true', ...env };
    const place = { home: folder, workspace, scratch: folder, env: around };
    const { child, ended } = await startStep(place, entry, inputs, state, 'pipe');
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        log += String(chunk);
      });
    return { child, ended: ended.then((end) => ({ ...end, log })) };
  };
  const play: SourceActions['play'] = async (...step) => (await start(...step)).ended;
  const remove = (): void => {
    sources.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, play, start, remove };
}
