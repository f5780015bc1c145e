import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { embeddedRouterSchema } from '../../../src/adapters/traffic/embedded-router.ts';
import type { AdapterContext } from '../../../src/ports/adapter-context.ts';
import { openScene, startServer, TOKEN } from './scene.ts';

const quiet = new AbortController().signal;

function contextWith(
  env: Record<string, string>,
  mask: (secret: string) => void = () => undefined,
): AdapterContext {
  return {
    service: 'booking-api',
    environment: 'production',
    env,
    baseDir: '.',
    clock: { now: Date.now, monotonic: () => performance.now(), sleep: () => Promise.resolve() },
    commands: () => Promise.reject(new Error('the embedded router starts no program')),
    mask,
  };
}

describe('`router: {type: embedded}` of the config', () => {
  it('makes a router that works, and masks its token first', async () => {
    const scene = await openScene();
    const masked: string[] = [];
    const registered = embeddedRouterSchema.parse({ type: 'embedded', admin: `${scene.proxy.adminUrl}/` });
    const context = contextWith({ DEPLOY_CANARY_ROUTER_TOKEN: `${TOKEN}\n` }, (one) => masked.push(one));
    const router = registered.create(context);
    expect(registered.type).toBe('embedded');
    expect(masked).toEqual([TOKEN]);
    expect((await router.read(quiet)).shares).toEqual({ a: 100, b: 0 });
    await scene.close();
  });

  it('says which variable the token is missing from', () => {
    const config = { type: 'embedded', admin: 'http://127.0.0.1:9901', 'token-env': 'MY_TOKEN' };
    const registered = embeddedRouterSchema.parse(config);
    expect(() => registered.create(contextWith({}))).toThrow(
      /environment variable MY_TOKEN, which is not set/,
    );
    expect(() => registered.create(contextWith({ MY_TOKEN: '' }))).toThrow(
      expect.objectContaining({ code: 'unauthorized', retryable: false }),
    );
  });

  it.each([
    ['an address without a scheme', { admin: '127.0.0.1:9901' }],
    ['another scheme', { admin: 'ftp://127.0.0.1' }],
    ['a timeout that is no duration', { timeout: 'soon' }],
    ['no timeout at all', { timeout: '0s' }],
    ['a timeout that outlives the runner', { timeout: '2m' }],
    ['a token in place of its name', { 'token-env': 'abc-123' }],
    ['a misspelt key', { timout: '2s' }],
  ])('refuses %s', (_what, wrong) => {
    const config = { type: 'embedded', admin: 'http://127.0.0.1:9901', ...wrong };
    expect(embeddedRouterSchema.safeParse(config).success).toBe(false);
  });

  it('describes every field for editors', () => {
    const schema = z.toJSONSchema(embeddedRouterSchema, { io: 'input' });
    expect(Object.keys(schema.properties ?? {})).toEqual(['type', 'admin', 'token-env', 'timeout']);
    for (const field of Object.values(schema.properties ?? {})) {
      expect(field).toHaveProperty('description');
    }
    expect(schema.required).toEqual(['type', 'admin']);
  });
});

describe('what the router answers', () => {
  it.each([
    [403, '{}', 'unauthorized', false],
    [404, 'not here', 'refused', false],
    [409, '{"error":"other","code":"conflict"}', 'refused', false],
    [409, '{"error":"taken over","code":"fenced"}', 'fenced', false],
    [500, '{"error":"disk full","code":"io"}', 'io', true],
    [503, '', 'unreachable', true],
    [200, '<html>', 'invalid-answer', false],
    [200, '{"shares":{"a":50,"b":60},"lease":null,"lapsed":null,"token":1}', 'invalid-answer', false],
    [302, '', 'unreachable', true],
  ])('as %i %s fails as %s', async (status, text, code, retryable) => {
    const reading = '{"shares":{"a":50,"b":50},"lease":null,"lapsed":null,"token":1}';
    const server = await startServer((request, response) => {
      if (request.url === '/elsewhere') response.end(reading);
      else response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end(text);
    });
    const router = embeddedRouterSchema
      .parse({ type: 'embedded', admin: server.url })
      .create(contextWith({ DEPLOY_CANARY_ROUTER_TOKEN: TOKEN }));
    const failure = await router.read(quiet).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AdapterError', provider: 'embedded-router', code, retryable });
    expect(String(failure)).not.toContain(TOKEN);
    await server.close();
  });
});
