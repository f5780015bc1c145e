import { AwsV4Signer } from 'aws4fetch';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { JsonRequest } from '../post-json.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty for a key that lasts. */
  readonly sessionToken: string;
}

const OPERATION = 'GraniteServiceVersion20100801.GetMetricData';

/** As aws-actions/configure-aws-credentials exports them; masked before anybody else sees them. */
export function credentialsIn({ env, mask }: Pick<AdapterContext, 'env' | 'mask'>): AwsCredentials {
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: env.AWS_SESSION_TOKEN ?? '',
  };
  for (const secret of [credentials.secretAccessKey, credentials.sessionToken])
    if (secret !== '') mask(secret);
  return credentials;
}

/** One GetMetricData call in JSON, signed with AWS Signature Version 4 for this moment. */
export async function signedRequest(
  { url, region }: { readonly url: string; readonly region: string },
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  body: string,
  now: Date,
): Promise<JsonRequest> {
  if (accessKeyId === '' || secretAccessKey === '') {
    const missing = accessKeyId === '' ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY';
    const fix = 'run aws-actions/configure-aws-credentials before it in the job';
    const why = `expected credentials in the environment variable ${missing}, saw none; ${fix}`;
    throw new AdapterError('cloudwatch', 'unauthorized', why, { retryable: false });
  }
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': OPERATION,
      accept: 'application/json',
    },
    body,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === '' ? {} : { sessionToken }),
    service: 'monitoring',
    region,
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ''),
    // The content type is signed, as the official clients do.
    allHeaders: true,
  });
  const { headers } = await signer.sign();
  return { url, headers: Object.fromEntries(headers), body };
}
