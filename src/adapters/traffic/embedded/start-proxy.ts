import { createServer, type Server } from 'node:http';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import { adminListener } from './admin-api.ts';
import { createChooser, routeOf } from './choice.ts';
import { beginExchange } from './exchange.ts';
import { createForwarding } from './forwarding.ts';
import { createMeasures, type Measures } from './measures.ts';
import { checkOptions, type ListenOn, PROVIDER, type ProxyOptions } from './options.ts';
import { noStateFile, stateFile } from './state-file.ts';
import { createTrafficControl, type TrafficControl } from './traffic-control.ts';
import { createTrafficServer, type TrafficServer } from './traffic-server.ts';
import { openUpstream, type Upstream } from './upstreams.ts';

export interface ProxyHandle {
  /** Where users come in: `http://127.0.0.1:8080`. */
  readonly trafficUrl: string;
  /** Where `/v1/traffic`, `/v1/lease` and `/metrics` are. */
  readonly adminUrl: string;
  /** Stops accepting, lets requests in flight end within `deadline` (default 10 s), then cuts them. Once is enough. */
  close(options?: { readonly deadline?: Milliseconds }): Promise<void>;
}

const SECOND: Milliseconds = 1_000;

/**
 * Starts the embedded router: a reverse proxy that splits HTTP traffic between two slots by weight, and an API
 * that moves the weights. Rejects with an AdapterError when the options cannot work, the kept state cannot be
 * understood, or an address cannot be listened on.
 */
export async function startProxy(options: ProxyOptions): Promise<ProxyHandle> {
  checkOptions(options);
  const measures = createMeasures(() => control.read());
  const control = await createTrafficControl({
    file: options.stateFile === undefined ? noStateFile : stateFile(options.stateFile),
    initialShares: options.initialShares ?? { a: 100, b: 0 },
    onLapse: measures.lapsed,
    report: options.report ?? (() => undefined),
  });
  const upstreams = openUpstreams(options);
  const traffic = trafficOf(options, upstreams, control, measures);
  const admin = createServer(
    { requestTimeout: 10 * SECOND, headersTimeout: 10 * SECOND },
    adminListener({
      token: options.token,
      metricsNeedToken: options.metricsNeedToken ?? false,
      control,
      measures,
    }),
  );
  const stop = async (deadline: Milliseconds): Promise<void> => {
    await traffic.close(deadline);
    admin.close();
    admin.closeAllConnections();
    control.close();
    for (const { agent } of Object.values(upstreams)) agent.destroy();
  };
  try {
    const adminUrl = await listen(admin, options.admin);
    const trafficUrl = await listen(traffic.server, options.traffic);
    let stopped: Promise<void> | null = null;
    const close: ProxyHandle['close'] = (given) => (stopped ??= stop(given?.deadline ?? 10 * SECOND));
    return { trafficUrl, adminUrl, close };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function openUpstreams({ slots, upstreamIdle = 1_500 }: ProxyOptions): Readonly<Record<Slot, Upstream>> {
  return { a: openUpstream('a', slots.a, upstreamIdle), b: openUpstream('b', slots.b, upstreamIdle) };
}

function trafficOf(
  options: ProxyOptions,
  upstreams: Readonly<Record<Slot, Upstream>>,
  control: TrafficControl,
  measures: Measures,
): TrafficServer {
  const choose = createChooser(options);
  const routes = options.routes ?? [];
  const forwarding = createForwarding({
    upstreamTimeout: options.upstreamTimeout ?? 60 * SECOND,
    rewriteHost: options.rewriteHost ?? false,
    measures,
    isClosing: () => !traffic.server.listening,
  });
  const begin: (request: Parameters<typeof choose>[0]) => ReturnType<typeof beginExchange> = (request) => {
    const choice = choose(request, control.shares());
    const route = routeOf(routes, request.method ?? 'GET', request.url ?? '/');
    return beginExchange(request, choice, upstreams[choice.slot], route, measures);
  };
  const traffic = createTrafficServer({
    onRequest: (request, response) => forwarding.web(begin(request), response),
    onUpgrade: (request, socket, head) => forwarding.upgrade(begin(request), socket, head),
  });
  return traffic;
}

function listen(server: Server, { host = '127.0.0.1', port = 0 }: ListenOn = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause) => {
      const message = `expected to listen on ${host}:${port}, got "${messageOf(cause)}". Choose another address`;
      reject(new AdapterError(PROVIDER, 'io', message, { retryable: false, cause }));
    });
    server.listen(port, host, () => resolve(urlOf(server)));
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return '';
  if (address.address === '0.0.0.0') return `http://127.0.0.1:${address.port}`;
  if (address.family !== 'IPv6') return `http://${address.address}:${address.port}`;
  return `http://[${address.address === '::' ? '::1' : address.address}]:${address.port}`;
}
