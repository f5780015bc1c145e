import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { readRule } from './faults.ts';
import type { GitHub } from './github.ts';
import { type Fields, fields, list, text } from './json.ts';

/**
 * Steers a GitHub from another process, on a port of its own, so that it answers while GitHub is down:
 * `/seed {name, arguments}`, `/fault`, `/clear-faults`, `/down`, `/up`,
 * `/requests`, `/violations`, `/take-violations`. Returns its URL.
 */
export async function openControl(github: GitHub): Promise<string> {
  const server = createServer((request, response) => {
    void perform(github, request).then(
      (said) => response.end(JSON.stringify(said ?? null)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function perform(github: GitHub, request: IncomingMessage): Promise<unknown> {
  const said = fields(await jsonOf(request));
  switch (request.url ?? '/') {
    case '/seed':
      return seed(github, said);
    case '/fault':
      return github.fault(readRule(said));
    case '/clear-faults':
      return github.clearFaults();
    case '/down':
      return github.down();
    case '/up':
      return github.up();
    case '/requests':
      return github.requests();
    case '/violations':
      return github.violations();
    case '/take-violations':
      return github.takeViolations();
    default:
      throw new Error(`expected a command, saw ${request.url}`);
  }
}

function seed(github: GitHub, said: Fields): unknown {
  const plant: unknown = Reflect.get(github.seed, text(said, 'name'));
  if (typeof plant !== 'function') throw new Error(`expected a seed, saw ${text(said, 'name')}`);
  return Reflect.apply(plant, undefined, [...list(said.arguments)]);
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body === '' ? {} : JSON.parse(body);
}
