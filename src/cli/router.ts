import { Command } from 'commander';
import type { ListenOn, ProxyOptions, Route, Sticky } from '../adapters/traffic/embedded/options.ts';
import { startProxy } from '../adapters/traffic/embedded/start-proxy.ts';
import { parseDuration } from '../core/units.ts';
import { messageOf } from '../ports/adapter-error.ts';

interface Flags {
  readonly listen: string;
  readonly admin: string;
  readonly slotA: string;
  readonly slotB: string;
  readonly tokenEnv: string;
  readonly state?: string;
  readonly route: readonly string[];
  readonly stickyCookie?: string;
  readonly stickyHeader?: string;
  readonly forceHeader?: boolean;
  readonly upstreamTimeout: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `router`: the embedded weighted reverse proxy, until it is told to stop. */
export function routerCommand(): Command {
  const command = new Command('router')
    .description('run the embedded router: splits HTTP traffic between two slots by weight')
    .requiredOption('--slot-a <url>', 'where slot a is')
    .requiredOption('--slot-b <url>', 'where slot b is')
    .option('--listen <host:port>', 'where users come in', '127.0.0.1:8080')
    .option('--admin <host:port>', 'where the admin API and /metrics are', '127.0.0.1:9901')
    .option('--token-env <name>', 'environment variable with the admin token', 'DEPLOY_CANARY_ROUTER_TOKEN')
    .option('--state <file>', 'keep weights over a restart in this file')
    .option(
      '--route <name=METHOD /path>',
      'a name for a part of the API, in the metrics (repeatable)',
      collect,
      [],
    )
    .option('--sticky-cookie <name>', 'keep a client on its slot by a cookie')
    .option('--sticky-header <name>', 'keep a client on its slot by a header that names it')
    .option('--force-header', 'obey x-deploy-canary-slot: a|b of a request, for smoke tests')
    .option('--upstream-timeout <duration>', 'a slot that says nothing for so long has failed', '60s');
  return command.action(async (flags: Flags) => {
    const options = optionsOf(flags);
    if (typeof options === 'string') return command.error(options);
    try {
      const router = await startProxy(options);
      process.stdout.write(`traffic ${router.trafficUrl}\nadmin   ${router.adminUrl}\n`);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => void router.close().then(() => process.exit(0)));
      }
    } catch (error) {
      return command.error(messageOf(error));
    }
  });
}

function optionsOf(flags: Flags): ProxyOptions | string {
  const traffic = listenOn(flags.listen);
  const admin = listenOn(flags.admin);
  if (traffic === null || admin === null)
    return 'expected --listen and --admin as host:port, such as 127.0.0.1:8080';
  const routes = flags.route.map(routeOf);
  const wrong = flags.route[routes.indexOf(null)];
  if (wrong !== undefined) return `expected --route such as "create-booking=POST /bookings", saw "${wrong}"`;
  const upstreamTimeout = parseDuration(flags.upstreamTimeout);
  if (upstreamTimeout === null)
    return `expected --upstream-timeout such as 60s, saw "${flags.upstreamTimeout}"`;
  const sticky = stickyOf(flags);
  return {
    slots: { a: flags.slotA, b: flags.slotB },
    token: process.env[flags.tokenEnv] ?? '',
    traffic,
    admin,
    routes: routes.filter((route) => route !== null),
    forceHeader: flags.forceHeader === true,
    upstreamTimeout,
    ...(flags.state === undefined ? {} : { stateFile: flags.state }),
    ...(sticky === null ? {} : { sticky }),
    report: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
  };
}

function listenOn(text: string): ListenOn | null {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  return host === undefined ? null : { host, port: Number(port) };
}

function routeOf(text: string): Route | null {
  const [, name, method, match] = /^([^=]+)=(?:([A-Z]+) )?(\/.*)$/.exec(text) ?? [];
  if (name === undefined || match === undefined) return null;
  return method === undefined ? { name, match } : { name, match, method };
}

function stickyOf({ stickyCookie, stickyHeader }: Flags): Sticky | null {
  if (stickyCookie !== undefined) return { by: 'cookie', name: stickyCookie };
  return stickyHeader === undefined ? null : { by: 'header', name: stickyHeader };
}
