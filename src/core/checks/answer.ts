import type { FindingCode } from './code.ts';
import type { Finding } from './finding.ts';

/** What a check found out. With the name of the check it is a finding. */
export interface Answer
  extends Pick<Finding, 'status' | 'observed' | 'expected' | 'detail' | 'evidence' | 'fix'> {
  readonly code: FindingCode;
}

/** Several names in one sentence: the first few, and how many more. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
