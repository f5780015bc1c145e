import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { compileSources } from '../../adapters/runner/compiled-sources.ts';

const HOME = resolve(import.meta.dirname, '../../..');

/** A repository as act runs it: the library in it, so that its workflows can be called, and the callers to copy. */
export interface ActWorkspace {
  readonly folder: string;
  /** The command line, as the sources have it now. */
  readonly cli: string;
  /** Where a caller of examples/workflows is, by its name, with more said in its `with:`. */
  readonly caller: (name: string, more?: Readonly<Record<string, string | boolean>>) => string;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string) => void;
  readonly remove: () => void;
}

/**
 * What act does not know yet, in the words that it knows: `$/` is `./` where the library is the repository, nobody queues, and
 * act makes no deployments anyhow.
 */
function forAct(text: string): string {
  return text
    .replaceAll('uses: $/', 'uses: ./')
    .replace(/uses: shine\/deploy-canary\/(\S+)@v1/g, 'uses: ./$1')
    .replaceAll(', queue: max', '')
    .replaceAll(', deployment: false', '');
}

function copyForAct(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((one) => one.endsWith('.yml')))
    writeFileSync(join(to, name), forAct(readFileSync(join(from, name), 'utf8')));
}

/** Makes the repository; the actions in it run the sources of now, whatever dist/ holds. */
export async function actWorkspace(): Promise<ActWorkspace> {
  const sources = await compileSources('src/index.ts');
  const folder = mkdtempSync(join(tmpdir(), 'act-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  copyForAct(join(HOME, '.github/workflows'), join(folder, '.github/workflows'));
  copyForAct(join(HOME, 'examples/workflows'), join(folder, 'callers'));
  cpSync(join(HOME, 'actions'), join(folder, 'actions'), { recursive: true });
  for (const action of readdirSync(join(folder, 'actions'))) {
    const file = join(folder, 'actions', action, 'action.yml');
    writeFileSync(file, forAct(readFileSync(file, 'utf8')));
  }
  write('dist/package.json', '{ "type": "module" }\n');
  write('dist/index.js', `export * from '${sources.url('src/index.ts')}';\n`);
  write('dist/cli.mjs', "import { runCli } from './index.js';\nawait runCli(process.argv);\n");
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, '-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '-q', '-m', 'All of it');
  let callers = 0;
  const caller: ActWorkspace['caller'] = (name, more = {}) => {
    const text = readFileSync(join(folder, 'callers', `${name}.yml`), 'utf8');
    callers += 1;
    write(`callers/${callers}-${name}.yml`, saying(text, more));
    return `callers/${callers}-${name}.yml`;
  };
  const remove = (): void => {
    sources.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    folder,
    cli: join(folder, 'dist/cli.mjs'),
    caller,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    write,
    remove,
  };
}

/** A workflow with more in the last of its `with:`. */
function saying(text: string, more: Readonly<Record<string, string | boolean>>): string {
  return text.replace(/^( *)with:\n(?![\s\S]*\bwith:\n)/m, (found, indent: string) => {
    const lines = Object.entries(more).map(([key, value]) => `${indent}  ${key}: ${JSON.stringify(value)}\n`);
    return found + lines.join('');
  });
}

function git(folder: string, ...args: string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'ignore', env: { PATH: process.env.PATH, HOME: folder } });
}
