import type { Milliseconds } from '../core/units.ts';

export interface Command {
  /** The program and its arguments. No shell reads them. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** All that the program sees: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
  /** Gets each line as it comes, without its line end; a very long line comes in pieces. Must not throw. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** How many characters of output to keep for the outcome; the newest are kept. Default 65,536. */
  readonly maxOutput?: number;
}

/** `output` is the tail of what it wrote on both streams, in the order in which it came. */
export type CommandOutcome =
  | {
      readonly kind: 'exited';
      readonly code: number;
      readonly output: string;
      /**
       * Something that the program started still holds its stdout or stderr. Nobody reads them any more, so
       * that it may die when it next writes.
       */
      readonly heldOutput: boolean;
    }
  /** A signal that did not come from the runner ended it. */
  | { readonly kind: 'killed'; readonly signal: string; readonly output: string }
  | { readonly kind: 'timed-out'; readonly output: string }
  | { readonly kind: 'aborted'; readonly output: string }
  /** It never began: no such program, not executable, or no such directory. */
  | { readonly kind: 'not-found'; readonly why: string };

/**
 * Runs a program to its end. On abort and on timeout the program goes together with everything that it
 * started (SIGTERM, SIGKILL two seconds later); the outcome is told when they are gone. What a program leaves
 * behind when it ends by itself lives on. Never rejects.
 */
export type CommandRunner = (command: Command) => Promise<CommandOutcome>;
