import type { DraftReport } from './draft.ts';

/** Notes where a report's own count is not what was read. `alsoFine`: other numbers that its tools write for the same. */
export function compareCounts(
  report: Pick<DraftReport, 'disagree'>,
  where: string,
  what: string,
  declared: number | undefined,
  read: number,
  ...alsoFine: readonly number[]
): void {
  if (declared === undefined || declared === read || alsoFine.includes(declared)) return;
  report.disagree(`${where} says ${declared} ${what}, and ${read} were read`);
}
