import { AdapterError } from '../../../ports/adapter-error.ts';
import { PROVIDER } from './runtime-api.ts';

export interface ServerState {
  readonly name: string;
  /** The weight in force, 0 to 256; 0 while an operator keeps the server in maintenance or draining. */
  readonly weight: number;
}

const HEADER = '# be_id be_name ';

/** Reads `show servers state <backend>`, format 1 (HAProxy's management guide, section 9.3). */
export function parseServersState(answer: string): readonly ServerState[] {
  const lines = answer.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.startsWith(HEADER));
  const said = lines.slice(0, Math.max(0, at - 1)).filter((line) => line !== '');
  if (at < 1 || lines[at - 1] !== '1' || said.length > 0) throw refusal(answer, at < 1 ? lines : said);
  const columns = lines[at]?.slice(2).split(' ') ?? [];
  return lines
    .slice(at + 1)
    .filter((line) => line !== '')
    .map((line) => stateOf(columns, line.split(' ')));
}

function stateOf(columns: readonly string[], cells: readonly string[]): ServerState {
  const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
  const [name, weight, admin] = [cell('srv_name'), cell('srv_uweight'), cell('srv_admin_state')];
  if (name === '' || !/^\d+$/.test(weight) || !/^\d+$/.test(admin)) {
    const message = `expected a server with its weight, saw "${cells.join(' ').slice(0, 120)}"`;
    throw new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
  }
  return { name, weight: admin === '0' ? Number(weight) : 0 };
}

/** What HAProxy says when it will not; it has no codes. */
const REFUSALS =
  /no such|can't find|static LB algorithm|must be|unknown command|require|not supported|invalid/i;

function refusal(answer: string, lines: readonly string[]): AdapterError {
  const said = lines.find((line) => line !== '')?.slice(0, 200) ?? '';
  if (/permission denied/i.test(answer)) {
    const message = `expected leave to change weights, saw "${said}"; add \`level admin\` to the \`stats socket\` line`;
    return new AdapterError(PROVIDER, 'unauthorized', message, { retryable: false });
  }
  if (REFUSALS.test(said)) {
    const message = `HAProxy refused: "${said}"; compare \`backend\` and \`servers\` with haproxy.cfg`;
    return new AdapterError(PROVIDER, 'refused', message, { retryable: false });
  }
  const message = `expected the state of the servers, saw "${said}"; check that \`socket\` is HAProxy's Runtime API`;
  return new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
}
