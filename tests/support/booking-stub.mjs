// A stand-in for the booking service: `serve` is the service itself, `start` and `stop` are the deploy scripts of
// a machine that runs it in the background. Plain JavaScript, so that any node can run it as it is.
//   node booking-stub.mjs start|stop|serve --port <port> [--version <version>] [--state <directory>]
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SELF = fileURLToPath(import.meta.url);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string' },
    /** Instead of --port: which of two, as a deploy script that knows both slots. */
    slot: { type: 'string', default: '' },
    'port-a': { type: 'string' },
    'port-b': { type: 'string' },
    version: { type: 'string', default: '0.0.0' },
    state: { type: 'string', default: '.' },
    /** Share of requests, other than for its health, that fail. */
    failing: { type: 'string', default: '0' },
    /** `start` then leaves the service holding its output, as a careless script would. */
    careless: { type: 'boolean', default: false },
  },
});

values.port ??= values[`port-${values.slot}`];

const pidFile = join(values.state, `${values.port}.pid`);

/** GET /healthz answers; POST /-/behave?status=503&delay=200&version=1.0.0 changes how. */
function serve() {
  const behaviour = { status: 200, delay: 0, version: values.version };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST' && url.pathname === '/-/behave') {
      for (const [name, value] of url.searchParams)
        behaviour[name] = name === 'version' ? value : Number(value);
      response.writeHead(204).end();
      return;
    }
    await sleep(behaviour.delay);
    const fails =
      url.pathname !== '/healthz' && values.slot !== 'a' && Math.random() < Number(values.failing);
    response.writeHead(fails ? 500 : behaviour.status, {
      'content-type': 'application/json',
      'x-version': behaviour.version,
    });
    response.end(JSON.stringify({ status: behaviour.status, build: { version: behaviour.version } }));
  });
  process.on('SIGTERM', () => process.exit(0));
  server.listen(Number(values.port), '127.0.0.1');
}

async function stop() {
  const pid = Number(readOrEmpty(pidFile));
  if (pid === 0) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
  for (let look = 0; look < 100 && (await isListening()); look += 1) await sleep(20);
  rmSync(pidFile, { force: true });
}

/** The pid says nothing: a zombie that nobody reaps keeps it. */
function isListening() {
  return new Promise((resolve) => {
    const socket = connect(Number(values.port), '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

async function start() {
  await stop();
  mkdirSync(values.state, { recursive: true });
  appendFileSync(join(values.state, 'starts.log'), `${values.port} ${values.version}\n`);
  const log = openSync(join(values.state, `${values.port}.log`), 'a');
  const service = spawn(
    process.execPath,
    [
      SELF,
      'serve',
      '--port',
      values.port,
      '--version',
      values.version,
      '--failing',
      values.failing,
      '--slot',
      values.slot,
    ],
    {
      detached: true,
      stdio: values.careless ? 'inherit' : ['ignore', log, log],
    },
  );
  closeSync(log);
  writeFileSync(pidFile, String(service.pid));
  service.unref();
  console.log(`started ${values.version} on port ${values.port}`);
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const commands = { serve, start, stop };
await commands[positionals[0]]?.();
