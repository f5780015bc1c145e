import type { Result } from '../core/result.ts';

/** Tells people how a rollout ended. A notifier that fails never changes the outcome. */
export interface Notifier {
  readonly name: string;
  notify(result: Result, signal: AbortSignal): Promise<void>;
}
