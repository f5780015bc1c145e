import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import { commandTargetSchema } from '../../../src/adapters/targets/command-target.ts';
import type { Slot } from '../../../src/core/rollout/record.ts';
import type { AdapterContext } from '../../../src/ports/adapter-context.ts';
import type { DeployTarget } from '../../../src/ports/deploy-target.ts';

const STUB = resolve(import.meta.dirname, '../../support/booking-stub.mjs');

/** A machine with two ports, `<decade>1` for slot a and `<decade>2` for slot b, and a directory for its state. */
export interface BookingSlots {
  readonly decade: number;
  readonly state: string;
  readonly context: AdapterContext;
  /** The config of a target for these slots. */
  readonly config: (changes?: Changes) => Record<string, unknown>;
  readonly target: (changes?: Changes) => DeployTarget;
  /** Changes how the service in a slot answers: `status=503&delay=200&version=0.9.0`. */
  readonly behave: (slot: Slot, how: string) => Promise<void>;
  readonly running: (slot: Slot) => Promise<string | null>;
  readonly starts: () => string[];
  readonly log: string[];
  readonly masked: string[];
  readonly close: () => void;
}

interface Changes {
  readonly top?: Record<string, unknown>;
  readonly health?: Record<string, unknown>;
  readonly env?: Record<string, string | undefined>;
}

export async function bookingSlots(): Promise<BookingSlots> {
  const decade = await freeDecade();
  const state = mkdtempSync(join(tmpdir(), 'booking-'));
  const log: string[] = [];
  const masked: string[] = [];
  const context: AdapterContext = {
    service: 'booking',
    environment: 'production',
    env: { PATH: process.env.PATH, HOME: tmpdir(), UNLISTED_SECRET: 'do-not-inherit' },
    baseDir: state,
    clock: systemClock,
    commands: runCommand,
    mask: (secret) => masked.push(secret),
    log: (line) => log.push(line),
  };
  const script = (what: string): string[] => [
    process.execPath,
    STUB,
    what,
    '--port',
    `${decade}{slot-number}`,
  ];
  const config = ({ top = {}, health = {} }: Changes = {}): Record<string, unknown> => ({
    type: 'command',
    start: [...script('start'), '--version', '{version}'],
    stop: script('stop'),
    health: {
      url: `http://127.0.0.1:${decade}{slot-number}/healthz`,
      'version-field': 'build.version',
      interval: '30ms',
      deadline: '2s',
      ...health,
    },
    ...top,
  });
  const urlOf = (slot: Slot): string => `http://127.0.0.1:${decade}${slot === 'a' ? 1 : 2}`;
  return {
    decade,
    state,
    context,
    config,
    log,
    masked,
    target: (changes = {}) =>
      commandTargetSchema
        .parse(config(changes))
        .create({ ...context, env: { ...context.env, ...changes.env } }),
    behave: async (slot, how) => {
      await fetch(`${urlOf(slot)}/-/behave?${how}`, { method: 'POST' });
    },
    running: (slot) =>
      fetch(`${urlOf(slot)}/healthz`).then(
        (response) => response.headers.get('x-version'),
        () => null,
      ),
    starts: () => (readdirSync(state).includes('starts.log') ? linesOf(join(state, 'starts.log')) : []),
    close: () => {
      for (const name of readdirSync(state).filter((file) => file.endsWith('.pid'))) kill(join(state, name));
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

function kill(pidFile: string): void {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  } catch {
    // it is gone
  }
}

async function freeDecade(): Promise<number> {
  for (;;) {
    const decade = Math.floor((await portFree(0)) / 10);
    if ((await portFree(decade * 10 + 1)) > 0 && (await portFree(decade * 10 + 2)) > 0) return decade;
  }
}

/** The port, once it was seen to be free; 0 when it is not. */
function portFree(port: number): Promise<number> {
  return new Promise((resolvePort) => {
    const server = createServer();
    server.once('error', () => resolvePort(0));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
