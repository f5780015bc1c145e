import { commandCheckSchema } from './adapters/checks/command.ts';
import { freezeCheckSchema } from './adapters/checks/freeze.ts';
import { httpCheckSchema } from './adapters/checks/http.ts';
import { versionCheckSchema } from './adapters/checks/version.ts';
import { fileLedgerSchema } from './adapters/ledger/file-ledger.ts';
import { gitLedgerSchema } from './adapters/ledger/git-ledger.ts';
import { scrapeMetricsSchema } from './adapters/metrics/scrape.ts';
import { webhookNotifierSchema } from './adapters/notify/webhook-notifier.ts';
import { commandTargetSchema } from './adapters/targets/command-target.ts';
import { embeddedRouterSchema } from './adapters/traffic/embedded-router.ts';
import { buildConfigSchema } from './config/schema.ts';

/** A new router, target, provider, ledger, notifier or check is one file with its schema and one line here. */
export const configSchema = buildConfigSchema({
  routers: [embeddedRouterSchema],
  targets: [commandTargetSchema],
  metrics: [scrapeMetricsSchema],
  ledgers: [fileLedgerSchema, gitLedgerSchema],
  notifiers: [webhookNotifierSchema],
  checks: [httpCheckSchema, commandCheckSchema, freezeCheckSchema, versionCheckSchema],
});
