import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { answerProblems, type Operation, operationFor, requestProblems } from './description.ts';
import { addTo, changeIn, getFrom, type Outcome, refusal, valueNow, type Zone } from './zones.ts';

/** What stands in the way of the next requests: an answer of something before the API, or none at all. */
export type Fault = { readonly status: number; readonly body?: string } | 'hang' | 'hang-up';

export interface PlusSettings {
  readonly versions?: readonly number[];
  /** `api;` in place of `api write=on;` */
  readonly readOnly?: boolean;
  readonly authorization?: string;
  /** `keyval_zone` without `timeout`, of both. */
  readonly noTimeout?: boolean;
}

export interface PlusApi {
  readonly listener: RequestListener;
  readonly value: (zone: string, key: string) => string | null;
  readonly put: (zone: string, key: string, value: string) => void;
  /** What a restart without a `state` file leaves. */
  readonly empty: (zone: string) => void;
  /** Asked before each request: null lets it through. */
  fault: (method: string, path: string) => Fault | null;
  /** Each request, as it came: `PATCH deploy_canary`. */
  readonly asked: string[];
  /** Whatever either side did that the official description does not know. */
  readonly complaints: string[];
}

/** The key-value zones of an NGINX Plus, held to the official description of its API in both directions. */
export function createPlusApi(settings: PlusSettings = {}): PlusApi {
  const zones = new Map<string, Zone>([
    ['deploy_canary', { hasTimeout: false, entries: new Map() }],
    ['deploy_canary_lease', { hasTimeout: settings.noTimeout !== true, entries: new Map() }],
  ]);
  const entriesOf = (name: string): Zone => {
    const zone = zones.get(name);
    if (zone === undefined) throw new Error(`no zone ${name}`);
    return zone;
  };
  const api: PlusApi = {
    listener: (request, response) => void handle(request, response),
    value: (zone, key) => valueNow(entriesOf(zone), key),
    put: (zone, key, value) =>
      void entriesOf(zone).entries.set(key, { value, expiresAt: Number.POSITIVE_INFINITY }),
    empty: (zone) => entriesOf(zone).entries.clear(),
    fault: () => null,
    asked: [],
    complaints: [],
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const body = await textOf(request);
    const fault = api.fault(method, url);
    if (fault === 'hang') return;
    if (fault === 'hang-up') return void request.socket.destroy();
    if (fault !== null) return send(response, fault.status, fault.body ?? '<html>no</html>');
    if (settings.authorization !== undefined && request.headers.authorization !== settings.authorization) {
      return send(response, 401, '<html>401 Authorization Required</html>');
    }
    const { status, body: answer } = answerTo(api, zones, settings, { method, url, body });
    send(response, status, answer === null ? '' : JSON.stringify(answer));
  };
  return api;
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

function answerTo(
  api: PlusApi,
  zones: ReadonlyMap<string, Zone>,
  settings: PlusSettings,
  asked: Asked,
): Outcome {
  const { pathname, searchParams } = new URL(asked.url, 'http://plus');
  const [, version = '', path = ''] = /^\/api\/(\d*)(\/.*)?$/.exec(pathname) ?? [];
  const versions = settings.versions ?? [1, 2, 3, 4, 5, 6, 7, 8, 9];
  if (pathname === '/api' || pathname === '/api/') return { status: 200, body: versions };
  if (!versions.includes(Number(version))) return refusal(404, 'UnknownVersion', 'unknown version');
  // The official Go client writes a slash at the end, which the description does not have.
  const operation = operationFor(asked.method, path.replace(/\/$/, ''));
  if (operation === null) {
    api.complaints.push(`${asked.method} ${asked.url} is not described`);
    return refusal(404, 'PathNotFound', 'path not found');
  }
  api.asked.push(`${asked.method} ${operation.zone}`);
  const outcome = perform(zones, settings, operation, asked, searchParams.get('key'));
  const wrong = [
    ...requestProblems(operation, [...searchParams.keys()], jsonOf(asked.body)),
    ...answerProblems(operation, outcome.status, outcome.body),
  ];
  api.complaints.push(...wrong.map((problem) => `${asked.method} ${asked.url}: ${problem}`));
  return outcome;
}

function perform(
  zones: ReadonlyMap<string, Zone>,
  { readOnly = false }: PlusSettings,
  { zone: name }: Operation,
  { method, body }: Asked,
  key: string | null,
): Outcome {
  const zone = zones.get(name);
  if (method !== 'GET' && readOnly) return refusal(405, 'MethodDisabled', 'method disabled');
  if (zone === undefined) return refusal(404, 'KeyvalNotFound', 'keyval not found');
  if (method === 'GET') return getFrom(zone, key);
  const parsed = method === 'DELETE' ? null : jsonOf(body);
  if (parsed === undefined) return refusal(415, 'JsonError', 'json error');
  if (method === 'POST') return addTo(zone, parsed);
  if (method === 'PATCH') return changeIn(zone, parsed);
  zone.entries.clear();
  return { status: 204, body: null };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
