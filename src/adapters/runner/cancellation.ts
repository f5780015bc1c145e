import type { Reason } from '../../core/rollout/reason.ts';

/**
 * The runner cancels with SIGINT, and with SIGTERM 7.5 s later. The first of them asks for the way home;
 * later ones find it under way and change nothing.
 */
export function onCancel(): AbortSignal {
  const controller = new AbortController();
  const reason = (signal: string): Reason => ({
    code: 'cancelled',
    message: `the run was cancelled (${signal})`,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(reason(signal)));
  }
  return controller.signal;
}
