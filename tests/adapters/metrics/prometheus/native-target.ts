import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/** Prometheus reads native histograms from the protobuf exposition only: a message of its client model, by hand. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const signed = (field: number, value: number): number[] =>
  number(field, value < 0 ? -2 * value - 1 : 2 * value);
const message = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const text = (field: number, value: string): number[] => message(field, [...Buffer.from(value)]);
const double = (field: number, value: number): number[] => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [...varint(field * 8 + 1), ...bytes];
};

/** Events by bucket index: at schema 3, the bucket n ends at 2^(n/8). */
function histogramFamily(name: string, buckets: ReadonlyMap<number, number>): Buffer {
  const indices = [...buckets.keys()].sort((one, other) => one - other);
  const counts = indices.map((index) => buckets.get(index) ?? 0);
  const spans = indices.flatMap((index, at) => {
    const before = indices[at - 1];
    return message(12, [...signed(1, before === undefined ? index : index - before - 1), ...number(2, 1)]);
  });
  const deltas = counts.flatMap((count, at) => signed(13, count - (counts[at - 1] ?? 0)));
  const histogram = [
    ...number(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    ),
    ...double(2, 1),
    ...signed(5, 3),
    ...double(6, 1e-9),
    ...number(7, 0),
    ...spans,
    ...deltas,
  ];
  const HISTOGRAM = 4;
  const family = [
    ...text(1, name),
    ...text(2, 'latency'),
    ...number(3, HISTOGRAM),
    ...message(4, message(7, histogram)),
  ];
  return Buffer.from([...varint(family.length), ...family]);
}

export interface NativeTarget {
  readonly url: string;
  /** Observes so many values of so many seconds. */
  readonly observe: (seconds: number, times: number) => void;
  readonly restart: () => void;
  /** Whether it can be scraped. */
  readonly fail: (isFailing: boolean) => void;
}

/** A service that exposes the native histogram `http_request_seconds`. */
export async function nativeTarget(): Promise<NativeTarget> {
  const buckets = new Map<number, number>();
  let isFailing = false;
  const server = createServer((_request, response) => {
    if (isFailing) return void response.writeHead(500).end();
    const kind = 'proto=io.prometheus.client.MetricFamily; encoding=delimited';
    response.setHeader('content-type', `application/vnd.google.protobuf; ${kind}`);
    response.end(histogramFamily('http_request_seconds', buckets));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = address !== null && typeof address !== 'string' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    observe(seconds, times) {
      const index = Math.ceil(Math.log2(seconds) * 8);
      buckets.set(index, (buckets.get(index) ?? 0) + times);
    },
    restart: () => buckets.clear(),
    fail: (failing) => {
      isFailing = failing;
    },
  };
}
