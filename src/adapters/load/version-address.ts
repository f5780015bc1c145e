import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { valueAtPath } from '../../core/checks/json-path.ts';
import type { SeenVersion } from '../../core/load/load-test.ts';
import type { Milliseconds } from '../../core/units.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { Clock } from '../../ports/clock.ts';
import { deadline } from '../../ports/deadline.ts';
import type { VersionProbe } from '../../ports/version-probe.ts';

/** Where the service says which version answers. */
export interface VersionAddress {
  readonly url: string;
  /** A header of the answer, or a place in its JSON: `version`, `build.version`, `/build/version`. */
  readonly source: { readonly kind: 'header' | 'field'; readonly name: string };
}

const TIMEOUT: Milliseconds = 5_000;
const LONGEST_BODY = 65_536;

export function versionProbe({ url, source }: VersionAddress, clock: Clock): VersionProbe {
  return async (signal): Promise<SeenVersion> => {
    const at = clock.now();
    try {
      const { headers, body, status } = await ask(url, deadline(TIMEOUT, signal));
      const value =
        source.kind === 'header' ? headers[source.name.toLowerCase()] : fieldOf(body, source.name);
      if (typeof value === 'string' && value !== '') return { at, version: value, why: '' };
      if (typeof value === 'number') return { at, version: String(value), why: '' };
      return { at, version: null, why: `no ${source.kind} ${source.name} in the answer (HTTP ${status})` };
    } catch (error) {
      return { at, version: null, why: `no answer from ${new URL(url).origin}: ${reasonOf(error)}` };
    }
  };
}

function fieldOf(body: string, path: string): unknown {
  try {
    return valueAtPath(JSON.parse(body), path);
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One request over a connection of its own, so that a balancer chooses anew. */
function ask(url: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestSecure : requestPlain;
    const headers = {
      accept: 'application/json',
      'cache-control': 'no-cache',
      'user-agent': 'deploy-canary',
    };
    const request = send(url, { agent: false, headers, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < LONGEST_BODY) body += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === '' || code === 'ABORT_ERR' ? messageOf(error) : code;
}
