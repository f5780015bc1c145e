import { fileLedgerSchema } from './adapters/ledger/file-ledger.ts';
import { gitLedgerSchema } from './adapters/ledger/git-ledger.ts';
import { prometheusMetricsSchema } from './adapters/metrics/prometheus/prometheus.ts';
import { scrapeMetricsSchema } from './adapters/metrics/scrape/scrape.ts';
import { webhookNotifierSchema } from './adapters/notify/webhook-notifier.ts';
import { commandTargetSchema } from './adapters/targets/command-target.ts';
import { commandRouterSchema } from './adapters/traffic/command-router.ts';
import { embeddedRouterSchema } from './adapters/traffic/embedded-router.ts';
import { haproxyRouterSchema } from './adapters/traffic/haproxy-router.ts';
import { buildConfigSchema } from './config/schema.ts';

/** A new router, target, provider, ledger or notifier is one file with its schema and one line here. */
export const configSchema = buildConfigSchema({
  routers: [embeddedRouterSchema, haproxyRouterSchema, commandRouterSchema],
  targets: [commandTargetSchema],
  metrics: [scrapeMetricsSchema, prometheusMetricsSchema],
  ledgers: [fileLedgerSchema, gitLedgerSchema],
  notifiers: [webhookNotifierSchema],
});
