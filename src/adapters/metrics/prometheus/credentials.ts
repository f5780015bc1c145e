import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';

/** Names of the environment variables that hold the secrets. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly tokenEnv: string }
  | { readonly kind: 'basic'; readonly user: string; readonly passwordEnv: string };

/** The secret, masked before anybody else sees it; empty when its variable is. */
export function secretOf(
  credentials: Credentials,
  { env, mask }: Pick<AdapterContext, 'env' | 'mask'>,
): string {
  if (credentials.kind === 'none') return '';
  const secret = env[variableOf(credentials)] ?? '';
  if (secret === '') return '';
  mask(secret);
  if (credentials.kind === 'basic') mask(encoded(credentials.user, secret));
  return secret;
}

/** The header to send; null for none. Throws an AdapterError when there is no secret to send. */
export function authorizationOf(credentials: Credentials, secret: string): string | null {
  if (credentials.kind === 'none') return null;
  if (secret === '') {
    const name = variableOf(credentials);
    const why = `expected a secret in the environment variable ${name}, saw none; set it`;
    throw new AdapterError('prometheus', 'unauthorized', why, { retryable: false });
  }
  return credentials.kind === 'bearer' ? `Bearer ${secret}` : `Basic ${encoded(credentials.user, secret)}`;
}

function variableOf(credentials: Exclude<Credentials, { kind: 'none' }>): string {
  return credentials.kind === 'bearer' ? credentials.tokenEnv : credentials.passwordEnv;
}

function encoded(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}
