import { systemClock } from '../../src/adapters/runner/clock.ts';
import { runCommand } from '../../src/adapters/runner/spawn.ts';
import type { AdapterContext } from '../../src/ports/adapter-context.ts';

/** What an adapter is given, with the real clock. */
export function adapterContext(own: Partial<AdapterContext> = {}): AdapterContext {
  return {
    service: 'booking',
    environment: 'test',
    env: {},
    baseDir: '.',
    clock: systemClock,
    commands: runCommand,
    mask: () => undefined,
    ...own,
  };
}
