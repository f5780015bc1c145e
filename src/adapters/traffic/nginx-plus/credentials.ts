import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import type { Access } from './request.ts';
import { PROVIDER } from './values.ts';

export interface Credentials {
  readonly 'token-env'?: string | undefined;
  readonly basic?: { readonly user: string; readonly 'password-env': string } | undefined;
  readonly 'ca-file'?: string | undefined;
  readonly 'client-cert'?: { readonly cert: string; readonly key: string } | undefined;
}

/** What lets one in, read once. Secrets are masked before anybody else sees them. */
export function accessOf(options: Credentials, context: AdapterContext): Access {
  const cert = options['client-cert'];
  return {
    authorization: authorizationOf(options, context),
    ca: pemOf('ca-file', options['ca-file'], context),
    cert: pemOf('client-cert', cert?.cert, context),
    key: pemOf('client-cert', cert?.key, context),
  };
}

function authorizationOf({ basic, 'token-env': name }: Credentials, context: AdapterContext): string | null {
  if (name !== undefined) return `Bearer ${secretOf(name, context)}`;
  if (basic === undefined) return null;
  const encoded = Buffer.from(`${basic.user}:${secretOf(basic['password-env'], context)}`).toString('base64');
  context.mask(encoded);
  return `Basic ${encoded}`;
}

function secretOf(name: string, { env, mask }: AdapterContext): string {
  const secret = env[name]?.trim() ?? '';
  if (secret === '') {
    const message = `expected a secret in the environment variable ${name}, saw none; set it in the job's env`;
    throw new AdapterError(PROVIDER, 'unauthorized', message, { retryable: false });
  }
  mask(secret);
  return secret;
}

function pemOf(field: string, path: string | undefined, { baseDir }: AdapterContext): string | null {
  if (path === undefined) return null;
  try {
    return readFileSync(resolve(baseDir, path), 'utf8');
  } catch (error) {
    const message = `expected a PEM file at ${path}, saw ${messageOf(error)}; check \`${field}\``;
    throw new AdapterError(PROVIDER, 'io', message, { retryable: false, cause: error });
  }
}
