import { z } from 'zod';
import { approvalCheckSchema } from './adapters/checks/approval.ts';
import { assertion, toAssertion } from './adapters/checks/asking.ts';
import { checkboxCheckSchema } from './adapters/checks/checkbox.ts';
import { ciStatusCheckSchema } from './adapters/checks/ci-status.ts';
import { commandCheckSchema } from './adapters/checks/command.ts';
import { deployedCheckSchema } from './adapters/checks/deployed.ts';
import { featureFlagsCheckSchema } from './adapters/checks/feature-flags.ts';
import { freezeCheckSchema } from './adapters/checks/freeze.ts';
import { e2eCheckSchema, loadTestCheckSchema } from './adapters/checks/gate-status.ts';
import { httpCheckSchema } from './adapters/checks/http.ts';
import { integrationsCheckSchema } from './adapters/checks/integrations.ts';
import { migrationsCheckSchema } from './adapters/checks/migrations.ts';
import { reviewCheckSchema } from './adapters/checks/review.ts';
import { rollbackPlanCheckSchema } from './adapters/checks/rollback-plan.ts';
import { securityScanCheckSchema } from './adapters/checks/security-scan.ts';
import { versionCheckSchema } from './adapters/checks/version.ts';
import { githubRecordSchema, githubRecordWord } from './adapters/github/deployment-record.ts';
import { fileAcceptedRunsSchema } from './adapters/ledger/file-accepted-runs.ts';
import { fileLedgerSchema } from './adapters/ledger/file-ledger.ts';
import { fileRecordSchema } from './adapters/ledger/file-record.ts';
import { gitAcceptedRunsSchema } from './adapters/ledger/git-accepted-runs.ts';
import { gitLedgerSchema } from './adapters/ledger/git-ledger.ts';
import { autocannonSchema } from './adapters/load/generate-autocannon.ts';
import { k6Schema } from './adapters/load/generate-k6.ts';
import { cloudwatchMetricsSchema } from './adapters/metrics/cloudwatch/cloudwatch.ts';
import { datadogMetricsSchema } from './adapters/metrics/datadog/datadog.ts';
import { commandMetricsSchema, jsonMetricsSchema } from './adapters/metrics/document/document-provider.ts';
import { newrelicMetricsSchema } from './adapters/metrics/newrelic/newrelic.ts';
import { prometheusMetricsSchema } from './adapters/metrics/prometheus/prometheus.ts';
import { scrapeMetricsSchema } from './adapters/metrics/scrape/scrape.ts';
import { slackChatNotifierSchema, slackWebhookNotifierSchema } from './adapters/notify/slack-notifier.ts';
import { webhookNotifierSchema } from './adapters/notify/webhook-notifier.ts';
import { commandTargetSchema } from './adapters/targets/command-target.ts';
import { serviceSchema } from './adapters/targets/deploy/service-schema.ts';
import { commandRouterSchema } from './adapters/traffic/command-router.ts';
import { embeddedRouterSchema } from './adapters/traffic/embedded-router.ts';
import { haproxyMapRouterSchema } from './adapters/traffic/haproxy-map-router.ts';
import { haproxyRouterSchema } from './adapters/traffic/haproxy-router.ts';
import { nginxPlusRouterSchema } from './adapters/traffic/nginx-plus-router.ts';
import { nginxRouterSchema } from './adapters/traffic/nginx-router.ts';
import { buildConfigSchema } from './config/schema.ts';

const checks = [
  ciStatusCheckSchema,
  reviewCheckSchema,
  deployedCheckSchema,
  e2eCheckSchema,
  loadTestCheckSchema,
  migrationsCheckSchema,
  featureFlagsCheckSchema,
  integrationsCheckSchema,
  securityScanCheckSchema,
  approvalCheckSchema,
  rollbackPlanCheckSchema,
  freezeCheckSchema,
  versionCheckSchema,
  httpCheckSchema,
  commandCheckSchema,
  checkboxCheckSchema,
] as const;

/** A new router, target, provider, ledger, notifier or check is one file with its schema and one line here. */
export const configSchema = buildConfigSchema({
  routers: [
    embeddedRouterSchema,
    haproxyRouterSchema,
    haproxyMapRouterSchema,
    nginxRouterSchema,
    nginxPlusRouterSchema,
    commandRouterSchema,
  ],
  targets: [commandTargetSchema],
  metrics: [
    scrapeMetricsSchema,
    prometheusMetricsSchema,
    datadogMetricsSchema,
    cloudwatchMetricsSchema,
    newrelicMetricsSchema,
    commandMetricsSchema,
    jsonMetricsSchema,
  ],
  ledgers: [fileLedgerSchema, gitLedgerSchema],
  notifiers: [webhookNotifierSchema, slackWebhookNotifierSchema, slackChatNotifierSchema],
  generators: [autocannonSchema, k6Schema],
  acceptedRuns: [fileAcceptedRunsSchema, gitAcceptedRunsSchema],
  checks,
  deploy: {
    service: serviceSchema({ checks, assertion: assertion.transform(toAssertion) }),
    record: z.union(
      [githubRecordWord, z.discriminatedUnion('type', [githubRecordSchema, fileRecordSchema])],
      'expected `github`, or a map with `type: file` and a path; write `record: github`, or name the path',
    ),
  },
});
