import type { ActionIo } from '../adapters/runner/action-io.ts';
import type { PhaseLog } from '../ports/phase-log.ts';

/** Each phase is a group of the log; what programs print in it is fenced, so that the runner obeys none of it. */
export function groupedPhases(io: ActionIo): PhaseLog {
  return {
    open: (title) => {
      io.startGroup(title);
      const fence = io.fence();
      return {
        foreign: fence.line,
        close: (lines) => {
          fence.lift();
          for (const line of lines) io.info(line);
          io.endGroup();
        },
      };
    },
  };
}
