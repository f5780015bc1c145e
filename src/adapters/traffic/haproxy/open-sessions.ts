import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import { deadline } from '../../../ports/deadline.ts';
import type { RuntimeApi } from './runtime-api.ts';

export type Log = (line: string) => void;

/** One line of `show stat`: a server of a proxy, or a proxy's own `FRONTEND` or `BACKEND`. */
export interface Row {
  readonly proxy: string;
  readonly name: string;
  /** Requests and connections under way. */
  readonly sessions: number;
}

/** It is told beside the shift, which does not wait for it. */
const PATIENCE: Milliseconds = 500;

/** Says what is still open on slots that get nothing new any more. */
export async function tellOpenSessions(
  api: RuntimeApi,
  idle: readonly Slot[],
  isIts: (slot: Slot, row: Row) => boolean,
  log: Log | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (log === undefined || idle.length === 0) return;
  const answer = await api.say(['show stat'], deadline(PATIENCE, signal)).catch(() => '');
  const rows = parseStat(answer);
  for (const slot of idle) {
    const open = rows.filter((row) => isIts(slot, row)).reduce((sum, { sessions }) => sum + sessions, 0);
    if (open > 0) log(`slot ${slot} gets nothing new; ${open} of its sessions in HAProxy are still open`);
  }
}

/** HAProxy's management guide, section 9.1: CSV whose header begins with `# pxname,svname,`. */
export function parseStat(answer: string): readonly Row[] {
  const lines = answer.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.startsWith('# pxname,svname,'));
  if (at === -1) return [];
  const columns = lines[at]?.slice(2).split(',') ?? [];
  const column = columns.indexOf('scur');
  return lines.slice(at + 1).flatMap((line) => {
    const cells = line.split(',');
    const [proxy = '', name = ''] = cells;
    const sessions = Number(cells[column]);
    return name === '' || !Number.isInteger(sessions) ? [] : [{ proxy, name, sessions }];
  });
}
