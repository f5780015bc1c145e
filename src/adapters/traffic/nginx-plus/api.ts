import { z } from 'zod';
import type { Milliseconds } from '../../../core/units.ts';
import { AdapterError, type AdapterErrorCode } from '../../../ports/adapter-error.ts';
import { type Access, type Answer, type Call, type Method, send } from './request.ts';
import { PROVIDER } from './values.ts';

/** Older ones cannot say how long one key lives. */
const OLDEST = 5;
/** The newest one whose description this was written against. */
const NEWEST = 9;

/** What came of a write: it was taken, the key was not there to be changed, or it was there already. */
export type Written = 'written' | 'absent' | 'present';

/** One nginx's key-value zones. Whatever else comes back rejects with an AdapterError. */
export interface KeyvalApi {
  readonly url: string;
  /** Null when the key is not there. */
  readonly get: (zone: string, key: string, call: Call) => Promise<string | null>;
  /** Only where there is no such key. */
  readonly add: (zone: string, key: string, value: Value, call: Call) => Promise<Written>;
  /** Only where there is such a key; null takes it away. */
  readonly change: (zone: string, key: string, value: Value | null, call: Call) => Promise<Written>;
}

export interface Value {
  readonly value: string;
  /** How long nginx keeps it; null for good. */
  readonly expire: Milliseconds | null;
}

const failureSchema = z.object({ error: z.object({ text: z.string(), code: z.string() }) });
const versionsSchema = z.array(z.number().int());
const zoneSchema = z.record(z.string(), z.string());

export function createKeyvalApi(url: string, access: Access): KeyvalApi {
  const base = url.replace(/\/+$/, '');
  let version: number | null = null;
  const pathOf = async (zone: string, call: Call): Promise<string> => {
    version ??= newestOf(base, await send('GET', `${base}/`, null, access, call));
    return `${base}/${version}/http/keyvals/${encodeURIComponent(zone)}`;
  };
  const write = async (method: Method, zone: string, body: unknown, call: Call): Promise<Written> => {
    const path = await pathOf(zone, call);
    return writtenOf(`${method} ${path}`, await send(method, path, JSON.stringify(body), access, call));
  };
  return {
    url: base,
    async get(zone, key, call) {
      const path = `${await pathOf(zone, call)}?key=${encodeURIComponent(key)}`;
      return valueIn(`GET ${path}`, key, await send('GET', path, null, access, call));
    },
    add: (zone, key, value, call) => write('POST', zone, { [key]: wire(value) }, call),
    change: (zone, key, value, call) => write('PATCH', zone, { [key]: wire(value) }, call),
  };
}

function wire(value: Value | null): unknown {
  if (value === null || value.expire === null) return value?.value ?? null;
  return { value: value.value, expire: Math.max(1, Math.round(value.expire)) };
}

function newestOf(base: string, answer: Answer): number {
  const asked = `GET ${base}/`;
  if (answer.status !== 200) throw refusalOf(asked, answer);
  const versions = versionsSchema.safeParse(jsonOf(answer.text));
  if (!versions.success) throw notTheApi(asked, answer);
  const known = versions.data.filter((version) => version >= OLDEST && version <= NEWEST);
  if (known.length > 0) return Math.max(...known);
  const seen = versions.data.join(', ');
  const message = `${asked}: expected an API version from ${OLDEST} to ${NEWEST}, saw ${seen}; update nginx or this action`;
  throw failed('refused', false, message);
}

function valueIn(asked: string, key: string, answer: Answer): string | null {
  if (answer.status === 404 && codeOf(answer) === 'KeyvalKeyNotFound') return null;
  if (answer.status !== 200) throw refusalOf(asked, answer);
  const pairs = zoneSchema.safeParse(jsonOf(answer.text));
  if (!pairs.success) throw notTheApi(asked, answer);
  return pairs.data[key] ?? null;
}

function writtenOf(asked: string, answer: Answer): Written {
  const code = codeOf(answer);
  if (answer.status === 404 && code === 'KeyvalKeyNotFound') return 'absent';
  if (answer.status === 409) return 'present';
  if (answer.status === 201 || answer.status === 204) return 'written';
  throw answer.status === 200 ? notTheApi(asked, answer) : refusalOf(asked, answer);
}

/** The API's own word for what is wrong. */
function codeOf({ text }: Answer): string | null {
  return failureSchema.safeParse(jsonOf(text)).data?.error.code ?? null;
}

function refusalOf(asked: string, answer: Answer): AdapterError {
  const told = failureSchema.safeParse(jsonOf(answer.text)).data?.error;
  const said = told === undefined ? `${answer.status}` : `${answer.status} ${told.code} (${told.text})`;
  const { code, retryable, fix } = meaningOf(answer.status, told?.code ?? '');
  return failed(code, retryable, `${asked}: expected it to be done, saw ${said}; ${fix}`);
}

interface Meaning {
  readonly code: AdapterErrorCode;
  readonly retryable: boolean;
  readonly fix: string;
}

function meaningOf(status: number, code: string): Meaning {
  const refused = (fix: string): Meaning => ({ code: 'refused', retryable: false, fix });
  if (status === 401 || status === 403) {
    return {
      code: 'unauthorized',
      retryable: false,
      fix: 'check `token-env`, `basic` or the client certificate',
    };
  }
  if (status === 405) return refused('have `api write=on;` in its location, and let PATCH and POST through');
  if (code === 'KeyvalNotFound')
    return refused('compare `zone` and `lease-zone` with keyval_zone in nginx.conf');
  if (code === 'KeyvalFormatError') return refused('give the `lease-zone` a `timeout`; `zone` has none');
  if (status === 404) return refused('check the path of `api`: it is the location with `api write=on`');
  if (status === 503 || status === 502 || status === 504) {
    return { code: 'unreachable', retryable: true, fix: 'look at what is in front of the API' };
  }
  if (status >= 500) return { code: 'refused', retryable: true, fix: 'look into its error log' };
  return refused('look into its error log');
}

function notTheApi(asked: string, { text }: Answer): AdapterError {
  const seen = JSON.stringify(text.slice(0, 80));
  return failed('invalid-answer', false, `${asked}: expected an answer of the NGINX Plus API, saw ${seen}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(code: AdapterErrorCode, retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}
