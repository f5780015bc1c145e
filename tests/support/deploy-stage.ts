import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type StepTold, sourceActions } from './source-action.ts';

const SERVER = `import { createServer } from 'node:http';
const { PORT, VERSION, FLAW = '', OLD = 'v0' } = process.env;
let asked = 0;
const said = () => (FLAW === 'old-version' ? OLD : FLAW === 'other-version' ? 'v99' : VERSION);
const page = () => '<!doctype html><html><head><meta name="version" content="' + said() + '">' +
  '<link rel="stylesheet" href="/style.css"><script src="/app.js"></script></head><body><img src="/logo.png"></body></html>';
const PATHS = {
  '/healthz': () => FLAW === 'flaps' && asked++ % 2 === 1 ? [500, 'application/json', '{}']
    : [200, 'application/json', JSON.stringify({ version: said(), status: FLAW === 'unwell' ? 'degraded' : 'ok' })],
  '/': () => [200, 'text/html', page()],
  '/app.js': () => FLAW === 'asset-missing' ? [404, 'text/plain', 'no'] : FLAW === 'asset-is-page' ? [200, 'text/html', page()] : [200, 'text/javascript', '1'],
  '/style.css': () => [200, 'text/css', 'a{}'],
  '/logo.png': () => [200, 'image/png', 'x'],
  '/book': () => FLAW === 'smoke' ? [500, 'application/json', '{}'] : [200, 'application/json', '{"booked":true}'],
};
createServer((request, response) => {
  const [status, type, body] = (PATHS[request.url] ?? (() => [404, 'text/plain', 'no']))();
  const cache = FLAW === 'cached-page' ? 'max-age=86400' : 'no-cache';
  response.writeHead(status, { 'content-type': type, 'cache-control': cache });
  response.end(body);
}).listen(Number(PORT), '127.0.0.1');
`;

/** Replaces what runs, and ends once the new one listens. */
const DEPLOY = `import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
const { PORT, PLACE } = process.env;
const version = process.argv[2];
appendFileSync(PLACE + '/deployed', version + '\\n');
if (process.env.FLAW === 'nothing-changes') process.exit(0);
const pidFile = PLACE + '/pid';
if (existsSync(pidFile)) try { process.kill(Number(readFileSync(pidFile, 'utf8'))); } catch {}
console.log('::set-output name=verdict::pass');
const log = openSync(PLACE + '/log', 'a');
const open = () => new Promise((resolve) => { const s = connect(Number(PORT), '127.0.0.1', () => { s.end(); resolve(true); }); s.on('error', () => resolve(false)); });
const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
while (await open()) await wait();
const child = spawn(process.execPath, ['deploy/server.mjs'], { detached: true, stdio: ['ignore', log, log], env: { ...process.env, VERSION: version } });
child.unref();
writeFileSync(pidFile, String(child.pid));
while (!(await open())) await wait();
process.exit(0);
`;

const MIGRATE = `set -e
touch "$PLACE/applied"
for file in "$MIGRATIONS"/*.sql; do
  grep -qx "$file" "$PLACE/applied" && continue
  sqlite3 -bail "$PLACE/data.sqlite" < "$file"
  echo "$file" >> "$PLACE/applied"
  echo "applied $file"
done
`;

const result = z.object({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  reasonCode: z.string(),
  message: z.string(),
  findings: z.array(
    z.looseObject({
      check: z.string(),
      title: z.string(),
      status: z.string(),
      observed: z.string(),
      detail: z.string().optional(),
      code: z.string().optional(),
      durationMs: z.number().optional(),
    }),
  ),
  services: z.array(
    z.looseObject({
      name: z.string(),
      outcome: z.string(),
      previousVersion: z.string().nullable(),
      deploymentId: z.string().nullable(),
      migrations: z.string().nullable(),
    }),
  ),
});
export type Told = StepTold & { readonly result: z.output<typeof result> | null };

/** One environment of a test: a folder, a port, and what is configured there. */
export interface Scene {
  readonly place: string;
  readonly port: number;
  readonly config: string;
  readonly migrations: string;
}

/** A repository with a service that real programs deploy, and the action as a process of its own. */
export async function deployStage() {
  const actions = await sourceActions({
    'deploy/main': ['src/actions/deploy.ts', 'deployMain'],
    'preflight/main': ['src/actions/preflight.ts', 'preflightMain'],
  });
  const root = actions.folder;
  const pids: string[] = [];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  const commit = (): string => {
    git('add', '-A', 'deploy', 'db');
    git('commit', '-q', '--allow-empty', '-m', 'a commit');
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  write('deploy/server.mjs', SERVER);
  write('deploy/deploy.mjs', DEPLOY);
  write('deploy/migrate.sh', MIGRATE);
  write('db/keep', '');
  commit();
  let scenes = 0;
  /** Starts a deployment; `child` is the action while it runs. */
  const begin = async (
    scene: Scene,
    inputs: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string | undefined>> = {},
  ) => {
    const sha = inputs.sha ?? git('rev-parse', 'HEAD');
    const asked = { config: scene.config, version: 'v1.0.0', ...inputs, sha };
    const { child, ended } = await actions.start('deploy/main', asked, env);
    return { child, ended: ended.then((told): Told => ({ ...told, result: resultIn(told) })) };
  };
  return {
    root,
    write,
    commit,
    git,
    /** Makes an environment; `config` says what is in it, given its folder and its port. */
    scene: async (config: (scene: Scene) => string): Promise<Scene> => {
      scenes += 1;
      const name = `scene-${scenes}`;
      const place = join(root, name);
      mkdirSync(place);
      pids.push(join(place, 'pid'));
      const scene = { place, port: await freePort(), config: `${name}/config.yml`, migrations: `db/${name}` };
      write(scene.config, config(scene));
      return scene;
    },
    deploy: async (...step: Parameters<typeof begin>): Promise<Told> => (await begin(...step)).ended,
    begin,
    preflight: (
      inputs: Readonly<Record<string, string>>,
      env: Readonly<Record<string, string | undefined>> = {},
    ): Promise<StepTold> => actions.play('preflight/main', inputs, env),
    /** Versions that the program was asked to deploy, in their order. */
    deployed: ({ place }: Scene): readonly string[] => {
      const file = join(place, 'deployed');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
    remove: (): void => {
      for (const file of pids) {
        if (!existsSync(file)) continue;
        try {
          process.kill(Number(readFileSync(file, 'utf8')));
        } catch {
          // It has ended by itself.
        }
      }
      actions.remove();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Null for a step that could not begin: it has no findings to look at. */
function resultIn({ outputs }: StepTold): Told['result'] {
  if (outputs.result === undefined || outputs['reason-code'] === 'config-invalid') return null;
  return result.parse(JSON.parse(outputs.result));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}
