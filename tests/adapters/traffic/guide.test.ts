import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandRouterSchema } from '../../../src/adapters/traffic/command-router.ts';
import { embeddedRouterSchema } from '../../../src/adapters/traffic/embedded-router.ts';
import { haproxyMapRouterSchema } from '../../../src/adapters/traffic/haproxy-map-router.ts';
import { haproxyRouterSchema } from '../../../src/adapters/traffic/haproxy-router.ts';
import { nginxPlusRouterSchema } from '../../../src/adapters/traffic/nginx-plus-router.ts';
import { nginxRouterSchema } from '../../../src/adapters/traffic/nginx-router.ts';
import { adapterContext } from '../../support/adapter-context.ts';

const socket = '/run/haproxy.sock';
const pair = { a: 'blue', b: 'green' };
const entries = [
  embeddedRouterSchema.parse({ type: 'embedded', admin: 'http://127.0.0.1:9901' }),
  haproxyRouterSchema.parse({ type: 'haproxy', socket, backend: 'app', servers: pair }),
  haproxyMapRouterSchema.parse({ type: 'haproxy-map', socket, map: '/w.map', key: 'app', backends: pair }),
  nginxRouterSchema.parse({ type: 'nginx', snippet: 'x', upstreams: pair, status: 'http://127.0.0.1:1/' }),
  nginxPlusRouterSchema.parse({ type: 'nginx-plus', api: ['http://127.0.0.1:1/api'], key: 'app' }),
  commandRouterSchema.parse({ type: 'command', read: ['get'], write: ['set', '{a}'] }),
];
const context = adapterContext({ env: { DEPLOY_CANARY_ROUTER_TOKEN: 'a-token' } });

describe.each(['docs/guide/router.md', 'README.md'])('what %s says of the routers', (file) => {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

  it.each(entries)('is what $type can', ({ type, create }) => {
    const [, lease = '', fencing = ''] =
      new RegExp(`^\\| \`${type}\`[^|]*\\| ([^|]+) \\| ([^|]+) \\|`, 'm').exec(text) ?? [];
    const { capabilities } = create(context);
    expect(lease.startsWith('yes')).toBe(capabilities.lease);
    if (process.platform === 'linux') expect(fencing.startsWith('yes')).toBe(capabilities.fencing);
    expect(lease).toMatch(/^(yes|no)/);
  });
});
