import { type Fields, isFields } from '../github/json.ts';

/** What a request came to, in the words of the description. */
export interface Outcome {
  readonly status: number;
  readonly body: unknown;
}

interface Entry {
  readonly value: string;
  readonly expiresAt: number;
}

export interface Zone {
  readonly hasTimeout: boolean;
  readonly entries: Map<string, Entry>;
}

export function refusal(status: number, code: string, text: string): Outcome {
  return { status, body: { error: { status, text, code }, request_id: '0', href: 'https://nginx.org' } };
}

/** The value that nginx would look up now. */
export function valueNow({ entries }: Zone, key: string): string | null {
  const entry = entries.get(key);
  if (entry !== undefined && Date.now() < entry.expiresAt) return entry.value;
  entries.delete(key);
  return null;
}

export function getFrom(zone: Zone, key: string | null): Outcome {
  const alive = [...zone.entries.keys()].flatMap((name) => {
    const value = valueNow(zone, name);
    return value === null ? [] : [[name, value] as const];
  });
  if (key === null) return { status: 200, body: Object.fromEntries(alive) };
  const value = valueNow(zone, key);
  if (value === null) return refusal(404, 'KeyvalKeyNotFound', 'keyval key not found');
  return { status: 200, body: { [key]: value } };
}

export function addTo(zone: Zone, body: unknown): Outcome {
  if (!isFields(body)) return malformed('invalid JSON');
  const pairs = Object.entries(body);
  if (pairs.length === 0) return malformed('key required');
  if (pairs.length > 1 && zone.entries.size > 0) return malformed('only one key can be added');
  if (pairs.some(([key]) => valueNow(zone, key) !== null)) {
    return refusal(409, 'KeyvalKeyExists', 'key already exists');
  }
  return putAll(zone, pairs) ?? { status: 201, body: null };
}

export function changeIn(zone: Zone, body: unknown): Outcome {
  if (!isFields(body)) return malformed('invalid JSON');
  const pairs = Object.entries(body);
  const [first] = pairs;
  if (first === undefined) return malformed('key required');
  if (pairs.length > 1) return malformed('only one key can be updated');
  if (valueNow(zone, first[0]) === null) return refusal(404, 'KeyvalKeyNotFound', 'keyval key not found');
  if (first[1] === null) {
    zone.entries.delete(first[0]);
    return { status: 204, body: null };
  }
  return putAll(zone, pairs) ?? { status: 204, body: null };
}

function malformed(text: string): Outcome {
  return refusal(400, 'KeyvalFormatError', text);
}

function putAll(zone: Zone, pairs: readonly (readonly [string, unknown])[]): Outcome | null {
  const entries = pairs.map(([key, given]) => [key, entryOf(given)] as const);
  for (const [, entry] of entries) {
    if (entry === null) return malformed('invalid key format');
    if (entry.expiresAt !== Number.POSITIVE_INFINITY && !zone.hasTimeout) {
      return malformed('keyval timeout is not enabled');
    }
  }
  for (const [key, entry] of entries) if (entry !== null) zone.entries.set(key, entry);
  return null;
}

function entryOf(given: unknown): Entry | null {
  if (typeof given === 'string') return { value: given, expiresAt: Number.POSITIVE_INFINITY };
  if (!isFields(given)) return null;
  const { value, expire, ...others }: Fields = given;
  const isWhole = typeof expire === 'number' && Number.isInteger(expire) && expire > 0;
  if (typeof value !== 'string' || !isWhole || Object.keys(others).length > 0) return null;
  return { value, expiresAt: Date.now() + expire };
}
