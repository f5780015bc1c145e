import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../../../ports/adapter-error.ts';
import { type Held, heldSchema, PROVIDER } from './snippet.ts';

/** How long a call may take, and who may stop it before. */
export interface Call {
  /** The caller's own. */
  readonly signal: AbortSignal;
  /** That, or the deadline of the call. */
  readonly until: AbortSignal;
  readonly timeout: Milliseconds;
}

export interface Told extends Held {
  /** The process that answered. */
  readonly worker: number;
}

/** A connection that stays with the worker that took it, until that worker is told to leave. */
export interface KeptLine {
  readonly closed: Promise<void>;
  readonly release: () => void;
}

export interface Status {
  /** Asks on a new connection, so that it is a worker that still takes some who answers. */
  readonly ask: (call: Call) => Promise<Told>;
  readonly hold: (call: Call) => Promise<KeptLine>;
}

const LONGEST_ANSWER = 64 * 1024;
const toldSchema = z.intersection(heldSchema, z.object({ worker: z.coerce.number().int() }));

/** Speaks to the location that the snippet makes. `include` is what the user must have in nginx.conf. */
export function createStatus(url: string, include: string): Status {
  return {
    async ask(call) {
      const { text } = await get(url, false, include, call);
      return parse(url, text);
    },
    async hold(call) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { socket } = await get(url, agent, include, call);
      const closed = new Promise<void>((resolve) => {
        if (socket.destroyed) resolve();
        socket.once('close', () => resolve());
      });
      return { closed, release: () => agent.destroy() };
    },
  };
}

interface Got {
  readonly text: string;
  readonly socket: Socket;
}

function get(url: string, agent: Agent | false, include: string, call: Call): Promise<Got> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(failureOf(url, error, call));
    const asked = request(url, { agent, signal: call.until }, (response) => {
      const { socket } = response;
      response.on('error', fail);
      wholeOf(response).then((text) => {
        if (response.statusCode === 200) resolve({ text, socket });
        else reject(notServed(url, response.statusCode ?? 0, include));
      }, fail);
    });
    asked.on('error', fail);
    asked.end();
  });
}

async function wholeOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST_ANSWER) throw new Error('an answer without end');
  }
  return text;
}

function parse(url: string, text: string): Told {
  try {
    const parsed = toldSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // It is told below.
  }
  const message = `expected the weights at ${url}, saw ${JSON.stringify(text.slice(0, 120))}`;
  throw failed('invalid-answer', false, `${message}; check that \`status\` is the address of the snippet`);
}

function notServed(url: string, code: number, include: string): AdapterError {
  const message = `expected nginx to tell its weights at ${url}, saw ${code}`;
  return failed('refused', false, `${message}; ${include}`);
}

function failureOf(url: string, error: unknown, { signal, until, timeout }: Call): AdapterError {
  if (signal.aborted) return failed('timeout', false, `the call to ${url} was cancelled`);
  if (until.aborted) {
    const message = `expected an answer at ${url} within ${formatDuration(timeout)}, saw none`;
    return failed('timeout', true, `${message}; check that nginx runs`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('HPE_')) {
    return failed('invalid-answer', false, `expected HTTP at ${url}, saw something else (${code})`);
  }
  const message = `expected nginx to answer at ${url}, saw ${messageOf(error)}`;
  const fix = 'start it, and check that nginx.conf includes the snippet';
  return new AdapterError(PROVIDER, 'unreachable', `${message}; ${fix}`, { retryable: true, cause: error });
}

function failed(code: AdapterErrorCode, retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}
