import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is wrong with a version of the demo service. */
export const FAULTS = ['none', 'errors', 'latency', 'crash', 'no-data'] as const;
export type Fault = (typeof FAULTS)[number];

/** Time from its first booking to the crash of a version that crashes. */
const CRASH_AFTER_MS = 6_000;

interface Meters {
  readonly registry: Registry;
  readonly bookings: Counter<'outcome'>;
  readonly pushes: Counter<'outcome'>;
  readonly tickets: Counter;
  readonly dispatch: Histogram;
  readonly connections: Gauge;
}

function meters(): Meters {
  const registry = new Registry();
  const registers = [registry];
  const help = 'demo';
  return {
    registry,
    bookings: new Counter({ name: 'bookings_total', help, labelNames: ['outcome'], registers }),
    pushes: new Counter({ name: 'push_notifications_total', help, labelNames: ['outcome'], registers }),
    tickets: new Counter({ name: 'support_tickets_total', help, registers }),
    dispatch: new Histogram({
      name: 'dispatch_seconds',
      help,
      buckets: [30, 60, 90, 120, 180, 300],
      registers,
    }),
    connections: new Gauge({ name: 'db_connections_used_ratio', help, registers }),
  };
}

/** A small booking service: quotes and bookings with a realistic latency, its own metrics, and maybe a fault. */
export function bookingService(version: string, fault: Fault): Server {
  const meter = meters();
  let active = 0;
  const crash = { armed: false };
  return createServer((request, response) => {
    const url = request.url ?? '/';
    response.setHeader('x-version', version);
    if (url === '/healthz') {
      json(response, 200, { status: 'ok', version });
      return;
    }
    if (url === '/metrics') {
      void metrics(response, meter, fault);
      return;
    }
    active += 1;
    meter.connections.set(0.35 + Math.min(0.4, active / 400));
    if (fault === 'crash' && !crash.armed) {
      crash.armed = true;
      setTimeout(() => process.exit(70), CRASH_AFTER_MS);
    }
    setTimeout(
      () => {
        active -= 1;
        answer(request, response, meter, fault);
      },
      latency() * (fault === 'latency' ? 5 : 1),
    );
  });
}

async function metrics(response: ServerResponse, meter: Meters, fault: Fault): Promise<void> {
  response.setHeader('content-type', meter.registry.contentType);
  response.end(fault === 'no-data' ? '' : await meter.registry.metrics());
}

function answer(request: IncomingMessage, response: ServerResponse, meter: Meters, fault: Fault): void {
  request.resume();
  const booking = request.method === 'POST';
  const failed = Math.random() < (fault === 'errors' ? 0.25 : 0.004);
  if (booking) {
    meter.bookings.inc({ outcome: failed || Math.random() < 0.008 ? 'failed' : 'created' });
    meter.pushes.inc({ outcome: Math.random() < 0.01 ? 'failed' : 'sent' });
    meter.dispatch.observe(40 + 40 * Math.random() + 30 * Math.random());
    if (Math.random() < 0.01) meter.tickets.inc();
  }
  // Bookings fail with 503 and quotes with 500: one booking that fails with 500 is an alert of its own.
  const status = failed ? { booking: 503, quote: 500 } : { booking: 201, quote: 200 };
  const body = failed ? { error: 'no partner answered' } : { price: 42, currency: 'EUR' };
  json(response, booking ? status.booking : status.quote, body);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Log-normal, median 60 ms, 95th percentile about 190 ms. */
function latency(): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return 60 * Math.exp(0.7 * normal);
}
