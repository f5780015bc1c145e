import type { Clock } from './clock.ts';
import type { CommandRunner } from './command-runner.ts';
import type { Forge } from './forge.ts';

/** What an adapter is given when it is made. */
export interface AdapterContext {
  readonly service: string;
  readonly environment: string;
  /** Secrets and settings come from here only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of the config are relative to this directory. */
  readonly baseDir: string;
  readonly clock: Clock;
  readonly commands: CommandRunner;
  /** Keeps a secret out of every log. Call it before the secret is used for the first time. */
  readonly mask: (secret: string) => void;
  /**
   * Gets what started programs print, line by line. Such a line is foreign text: a caller that prints it to a
   * workflow log must stop the runner from reading commands in it.
   */
  readonly log?: (line: string) => void;
  /**
   * The repository's own forge, one for all adapters. Throws an AdapterError when the environment names no
   * repository or no token; absent where there is none to ask.
   */
  readonly forge?: () => Forge;
}

/**
 * How the config names an adapter: its zod schema ends in this, so that a new adapter is one file with its
 * schema and one line in the registry.
 */
export interface Registered<T> {
  /** The `type:` of the config. */
  readonly type: string;
  readonly create: (context: AdapterContext) => T;
}
