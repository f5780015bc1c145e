import { z } from 'zod';
import { assertion, toAssertion } from '../../src/adapters/checks/asking.ts';
import { serviceSchema } from '../../src/adapters/targets/deploy/service-schema.ts';
import { buildConfigSchema } from '../../src/config/schema.ts';
import { parseDuration } from '../../src/core/units.ts';

/** Config schemas shaped like the real adapters'. What they make is never made here. */
const notMadeHere = (): never => {
  throw new Error('these tests only read configs');
};

const span = (standard: string) =>
  z
    .string()
    .refine((text) => parseDuration(text) !== null, 'expected a duration such as 2s; give it a unit')
    .prefault(standard);
const variable = z.string().regex(/^[A-Z_][A-Z0-9_]*$/);
const words = z.array(z.string()).min(1);

const made = <T extends { readonly type: string }>({ type }: T) => ({ type, create: notMadeHere });

const embedded = z
  .strictObject({
    type: z.literal('embedded'),
    admin: z.url(),
    'token-env': variable.optional(),
    timeout: span('2s'),
  })
  .transform(made);
const traefik = z.strictObject({ type: z.literal('traefik'), file: z.string() }).transform(made);
const scrape = z
  .strictObject({
    type: z.literal('scrape'),
    endpoints: z.array(z.strictObject({ url: z.url(), slot: z.enum(['a', 'b']).optional() })).min(1),
    'slot-label': z.string().optional(),
    timeout: span('2s'),
    'token-env': variable.optional(),
  })
  .transform(made);
const command = z
  .strictObject({
    type: z.literal('command'),
    start: words,
    stop: words,
    env: z.record(z.string(), z.string()).optional(),
    'env-from': z.array(variable).optional(),
    'working-directory': z.string().optional(),
    timeout: span('5m'),
    health: z
      .strictObject({
        url: z.string(),
        status: z.number().int().min(100).max(599).prefault(200),
        'version-header': z.string().optional(),
        'version-field': z.string().optional(),
        timeout: span('2s'),
        consecutive: z.number().int().min(1).prefault(3),
        interval: span('1s'),
        deadline: span('60s'),
        'max-latency': span('1s').optional(),
      })
      .optional(),
  })
  .transform(made);
const file = z.strictObject({ type: z.literal('file'), path: z.string().min(1) }).transform(made);
const http = z
  .strictObject({
    check: z.literal('http'),
    id: z.string().optional(),
    url: z.url(),
    severity: z.enum(['block', 'warn']).prefault('block'),
    timeout: span('10s'),
  })
  .transform(({ check, id, severity }) => ({
    type: check,
    id: id ?? check,
    title: 'HTTP',
    severity,
    timeout: 10_000,
    run: notMadeHere,
  }));
const cannon = z
  .strictObject({ type: z.literal('cannon'), url: z.url(), duration: span('6m') })
  .transform(({ type, duration }) => ({ type, duration: parseDuration(duration), create: notMadeHere }));
const kept = z.strictObject({ type: z.literal('kept') }).transform(made);
const webhook = z.strictObject({ type: z.literal('webhook'), 'url-env': variable }).transform(made);

/** A deployment is of many keys that no other adapter shares, so it is the real one. */
const deploy = {
  service: serviceSchema({ checks: [http], assertion: assertion.transform(toAssertion) }),
  record: z.literal('github').transform((type) => ({ type, create: notMadeHere })),
};

export const schema = buildConfigSchema({
  routers: [embedded, traefik],
  targets: [command],
  metrics: [scrape],
  ledgers: [file],
  notifiers: [webhook],
  checks: [http],
  generators: [cannon],
  acceptedRuns: [kept],
  deploy,
});

/** A small config in which nothing is wrong. */
export const VALID = `version: 1
service: booking-api
kpis:
  - id: error-rate
    type: ratio
    bad: 'http_requests_total{code=~"5.."}'
    total: http_requests_total
    target: '<= 1 %'
    alert: '> 2 %'
    for: 5m
  - id: api-latency-p95
    type: quantile
    histogram: http_request_duration_seconds
    target: '<= 500 ms'
    alert: '> 800 ms'
traffic: http_requests_total
environments:
  production:
    router: {type: embedded, admin: 'http://127.0.0.1:9001'}
    target:
      type: command
      start: [./start.sh]
      stop: [./stop.sh]
    metrics:
      type: scrape
      endpoints:
        - url: http://127.0.0.1:9002/metrics
    ledger:
      type: file
      path: .deploy-canary
`;
