import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, it } from 'vitest';
import { signedRequest } from '../../../../src/adapters/metrics/cloudwatch/signed-request.ts';
import { asking, CLOUDS, START } from '../asking-clouds.ts';

/** The hash that the official signer wants to be given, from Node's own. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash('sha256');
    else this.#hash = createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

const SIGNED = ['host', 'accept', 'content-type', 'x-amz-target'];

/** What the official signer makes of the same request at the same moment. */
async function officialSignature(
  {
    url,
    headers,
    body,
  }: { readonly url: string; readonly headers: Readonly<Record<string, unknown>>; readonly body: string },
  sessionToken: string | undefined,
  signingDate: Date,
): Promise<string | undefined> {
  const { protocol, hostname, port, pathname } = new URL(url);
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'aws-secret-3' };
  const signer = new SignatureV4({
    service: 'monitoring',
    region: 'eu-central-1',
    credentials: sessionToken === undefined ? credentials : { ...credentials, sessionToken },
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    method: 'POST',
    protocol,
    hostname,
    path: pathname,
    query: {},
    headers: Object.fromEntries(SIGNED.map((name) => [name, String(headers[name])])),
    body,
    ...(port === '' ? {} : { port: Number(port) }),
  };
  return (await signer.sign(request, { signingDate })).headers.authorization;
}

/** `20270115T080100Z`, as the header says it. */
function momentOf(written: unknown): Date {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(written)) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

it('signs what it really sends as the official signer does', async () => {
  const { errors, calls, url } = await asking(CLOUDS.cloudwatch);
  await errors();
  const [call] = calls;
  if (call === undefined) throw new Error('nothing was sent');
  expect(call.headers['x-amz-security-token']).toBe('aws-session-4');
  const sent = { url: `${url}${call.path}`, headers: call.headers, body: call.body };
  const official = await officialSignature(sent, 'aws-session-4', momentOf(call.headers['x-amz-date']));
  expect(call.headers.authorization).toBe(official);
  expect(official).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-central-1\/monitoring\/aws4_request, /,
  );
});

it.each([undefined, 'a/session+token==='])(
  'signs for the address of a region, with the session token %s',
  async (token) => {
    const api = { url: 'https://monitoring.eu-central-1.amazonaws.com/', region: 'eu-central-1' };
    const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'aws-secret-3', sessionToken: token ?? '' };
    const now = new Date(START);
    const request = await signedRequest(api, keys, '{"StartTime":1,"x":"ü"}', now);
    const headers = { ...request.headers, host: new URL(api.url).host };
    expect(request.headers.authorization).toBe(await officialSignature({ ...request, headers }, token, now));
  },
);

it('signs for the moment of the call, also when it looks at the past', async () => {
  const { errors, calls, clock } = await asking(CLOUDS.cloudwatch);
  expect(clock.now()).toBe(START);
  await errors();
  const signed = momentOf(calls[0]?.headers['x-amz-date']).getTime();
  expect(Math.abs(Date.now() - signed)).toBeLessThan(60_000);
});
