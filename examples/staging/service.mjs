// The back end of a small booking platform: customers book, partners do the job, owners look on, payments are taken.
// Everything is kept in memory. `--fault` makes it wrong in one way: slow, or a payment that is taken twice.
//   node service.mjs --port 8080 --version v1.5.0 [--fault none|slow|double-payment]
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    version: { type: 'string' },
    fault: { type: 'string', default: 'none' },
  },
});

const bookings = new Map();
const payments = [];
let open = 0;

const routes = [
  ['GET', /^\/healthz$/, () => [200, { status: 'ok', version: values.version }]],
  ['GET', /^\/quotes$/, () => [200, { price: 42, currency: 'EUR' }]],
  ['POST', /^\/bookings$/, book],
  ['GET', /^\/bookings\/(\w+)$/, ([id]) => found(bookings.get(id))],
  ['POST', /^\/jobs\/(\w+)\/complete$/, ([id]) => complete(bookings.get(id))],
  ['POST', /^\/payments$/, (_, { booking }) => pay(bookings.get(booking))],
  ['GET', /^\/dashboard$/, dashboard],
];

function book(_, { service }) {
  if (typeof service !== 'string') return [422, { error: 'expected a service, saw none; name one' }];
  const booking = { id: `b${bookings.size + 1}`, service, state: 'booked', paid: false };
  bookings.set(booking.id, booking);
  return [201, booking];
}

function found(booking) {
  return booking === undefined ? [404, { error: 'no such booking' }] : [200, booking];
}

function complete(booking) {
  if (booking !== undefined) booking.state = 'done';
  return found(booking);
}

function pay(booking) {
  if (booking === undefined) return [404, { error: 'no such booking' }];
  if (booking.paid) return [409, { error: 'this booking is paid already' }];
  booking.paid = values.fault !== 'double-payment';
  payments.push(42);
  return [201, { booking: booking.id, amount: 42 }];
}

function dashboard() {
  const done = [...bookings.values()].filter(({ state }) => state === 'done').length;
  const revenue = payments.reduce((sum, amount) => sum + amount, 0);
  return [200, { bookings: bookings.size, done, revenue }];
}

async function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/metrics') return metrics(response);
  const body = await jsonOf(request);
  // What a database would take.
  await sleep(values.fault === 'slow' && url.pathname === '/quotes' ? 700 : 15 + 15 * Math.random());
  const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname));
  const [status, told] =
    route === undefined ? [404, { error: 'not here' }] : route[2](route[1].exec(url.pathname).slice(1), body);
  response.writeHead(status, { 'content-type': 'application/json', 'x-version': values.version });
  response.end(JSON.stringify(told));
}

function metrics(response) {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(
    `# TYPE db_connections_used_ratio gauge\ndb_connections_used_ratio ${Math.min(1, open / 200)}\n`,
  );
}

async function jsonOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

const server = createServer((request, response) => {
  open += 1;
  response.once('close', () => {
    open -= 1;
  });
  void answer(request, response);
});
process.on('SIGTERM', () => process.exit(0));
server.listen(Number(values.port), '127.0.0.1');
