import { createEmbeddedRouter } from '../../../src/adapters/traffic/embedded-router.ts';
import { describeTrafficRouter } from '../../contract/traffic-router.ts';
import { fastLoad } from './fast-load.ts';
import { openScene, type Scene, TOKEN } from './scene.ts';

const scenes = new WeakMap<object, Scene>();

describeTrafficRouter({
  name: 'the embedded router',
  tolerance: 0.1,
  async open() {
    const scene = await openScene();
    const opened = {
      router: scene.router,
      send: (count: number) => fastLoad(scene.proxy.trafficUrl, count, 16),
      close: scene.close,
    };
    scenes.set(opened, scene);
    return opened;
  },
  aimedAt: (port, timeout) =>
    createEmbeddedRouter({ admin: `http://127.0.0.1:${port}`, token: TOKEN, timeout }),
  garbage: 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"shares": 1}',
  refused: (opened) => ({
    router: createEmbeddedRouter({
      admin: scenes.get(opened)?.proxy.adminUrl ?? '',
      token: 'wrong',
      timeout: 2_000,
    }),
    code: 'unauthorized',
  }),
});
