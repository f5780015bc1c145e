import { afterEach, describe, expect, it } from 'vitest';
import { createCleanup, startServer } from '../../adapters/traffic/scene.ts';
import { createPlusApi, type PlusApi } from './server.ts';

const cleanup = createCleanup();
afterEach(cleanup.run);

async function start(): Promise<{
  api: PlusApi;
  ask: (path: string, init?: RequestInit) => Promise<[number, string]>;
}> {
  const api = createPlusApi();
  const server = cleanup.add(await startServer(api.listener));
  return {
    api,
    async ask(path, init) {
      const response = await fetch(`${server.url}${path}`, init);
      const told = /"code":"(\w+)"/.exec(await response.text());
      return [response.status, told?.[1] ?? ''];
    },
  };
}

const ZONE = '/api/9/http/keyvals/deploy_canary';
const LEASES = '/api/9/http/keyvals/deploy_canary_lease';
const with_ = (method: string, body: string): RequestInit => ({ method, body });

describe('the key-value zones of the tests', () => {
  it('answer as the description of the API says', async () => {
    const { api, ask } = await start();
    expect(await ask('/api/')).toEqual([200, '']);
    expect(await ask('/api/10/http/keyvals/deploy_canary')).toEqual([404, 'UnknownVersion']);
    expect(await ask('/api/9/http/keyvals/other')).toEqual([404, 'KeyvalNotFound']);
    expect(await ask(`${ZONE}?key=x`)).toEqual([404, 'KeyvalKeyNotFound']);
    expect(await ask(ZONE, with_('PATCH', '{"x":"1"}'))).toEqual([404, 'KeyvalKeyNotFound']);
    expect(await ask(ZONE, with_('POST', '{"x":"1"}'))).toEqual([201, '']);
    expect(await ask(ZONE, with_('POST', '{"x":"2"}'))).toEqual([409, 'KeyvalKeyExists']);
    expect(await ask(ZONE, with_('POST', '{"y":"2","z":"3"}'))).toEqual([400, 'KeyvalFormatError']);
    expect(await ask(ZONE, with_('PATCH', '{"x":{"value":"2","expire":1000}}'))).toEqual([
      400,
      'KeyvalFormatError',
    ]);
    expect(await ask(ZONE, with_('PATCH', '{"x":"2"}'))).toEqual([204, '']);
    expect(api.value('deploy_canary', 'x')).toBe('2');
    expect(await ask(ZONE, with_('PATCH', '{"x":null}'))).toEqual([204, '']);
    expect(api.value('deploy_canary', 'x')).toBeNull();
    expect(await ask(LEASES, with_('POST', '{"x":{"value":"2","expire":20}}'))).toEqual([201, '']);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await ask(`${LEASES}?key=x`)).toEqual([404, 'KeyvalKeyNotFound']);
    expect(await ask(ZONE, { method: 'DELETE' })).toEqual([204, '']);
    expect(api.complaints).toEqual([]);
  });

  it('complain of whatever the description does not know', async () => {
    const { api, ask } = await start();
    expect(await ask(ZONE, with_('PUT', '{}'))).toEqual([404, 'PathNotFound']);
    await ask('/api/9/http/upstreams/app');
    await ask(`${ZONE}?fields=x`);
    await ask(ZONE, with_('POST', '["x"]'));
    expect(api.complaints).toHaveLength(4);
    expect(api.complaints.join('\n')).toMatch(/fields is not described[\s\S]*must be object/);
  });
});
