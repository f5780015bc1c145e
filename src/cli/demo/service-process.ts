import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deadline } from '../../ports/deadline.ts';
import { bookingService, type Fault } from './booking-service.ts';

export interface ServicePlace {
  readonly directory: string;
  readonly slot: string;
  readonly port: number;
}

const pidFile = ({ directory, slot }: ServicePlace): string => join(directory, `slot-${slot}.pid`);

/** Starts a version in its slot as a process of its own and comes back when it answers. */
export async function startService(
  cli: string,
  place: ServicePlace,
  version: string,
  fault: Fault,
): Promise<void> {
  await stopService(place);
  const argv = [
    cli,
    'demo-service',
    '--port',
    String(place.port),
    '--version-name',
    version,
    '--fault',
    fault,
  ];
  const child = spawn(process.execPath, argv, { detached: true, stdio: 'ignore' });
  child.unref();
  await writeFile(pidFile(place), String(child.pid ?? ''));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await answers(place.port)) return;
    await pause(50);
  }
  throw new Error(`${version} did not answer on port ${place.port} within 5 s`);
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`, { signal: deadline(500) })).ok;
  } catch {
    return false;
  }
}

/** Ends whatever runs in the slot; nothing there is fine. */
export async function stopService(place: ServicePlace): Promise<void> {
  const pid = Number(await readFile(pidFile(place), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return;
  await rm(pidFile(place), { force: true });
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    return;
  }
  for (let attempt = 0; attempt < 40 && (await answers(place.port)); attempt += 1) await pause(50);
}

/** The service itself; runs until it is told to stop. */
export async function serve(port: number, version: string, fault: Fault): Promise<void> {
  const server = bookingService(version, fault).listen(port, '127.0.0.1');
  await once(server, 'listening');
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 2_000).unref();
  });
}
