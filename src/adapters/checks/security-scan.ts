import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ALERT_SEVERITIES, type Alert } from '../../core/checks/forge-facts.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { readSarif } from '../../core/checks/sarif.ts';
import { decideSecurity, type SecurityFacts } from '../../core/checks/security.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { frame, refuse, registered, span } from './frame.ts';
import { parseJson, unreadable } from './web.ts';

const limit = (of: string) =>
  z.int().min(0).max(99).optional().describe(`How many ${of} ones are let through.`);
const grace = (of: string) =>
  span('14d').optional().describe(`How old a ${of} one may grow before it counts.`);

const config = z
  .strictObject({
    check: z
      .literal('security-scan')
      .describe('Scanners have looked at this commit and found no more than is let through.'),
    ...frame({ title: 'Security scan', timeout: '60s' }),
    sources: z
      .array(z.enum(['code-scanning', 'dependabot', 'secret-scanning', 'sarif']))
      .min(1)
      .prefault(['code-scanning', 'dependabot', 'secret-scanning'])
      .describe('Whose open alerts count. A secret that is out is critical.'),
    sarif: z.string().min(1).optional().describe('Path of a SARIF file, for the source `sarif`.'),
    ref: z
      .string()
      .min(1)
      .meta({ examples: ['refs/heads/main'] })
      .optional()
      .describe('Whose code scanning alerts count. Default: the ref of the run.'),
    limits: z
      .strictObject({
        critical: limit('critical'),
        high: limit('high'),
        medium: limit('medium'),
        low: limit('low'),
      })
      .prefault({ critical: 0, high: 0 })
      .describe('How many open alerts are let through, by severity. What is not named is not limited.'),
    grace: z
      .strictObject({
        critical: grace('critical'),
        high: grace('high'),
        medium: grace('medium'),
        low: grace('low'),
      })
      .prefault({})
      .describe('How old an alert may grow before it counts, by severity.'),
  })
  .superRefine(({ sources, sarif }, context) => {
    if (sources.includes('sarif') === (sarif !== undefined)) return;
    const fix =
      sarif === undefined ? 'add `sarif:`, or take `sarif` out of `sources`' : 'add `sarif` to `sources`';
    refuse(context, 'a file for the source `sarif`, and the source for the file', fix, ['sarif']);
  })
  .describe('Open alerts against limits by severity and age. Without an analysis of this commit it fails.');

type Config = z.output<typeof config>;

export const securityScanCheckSchema = config.transform((config) =>
  registered(config, async (context, subject) => {
    const facts = await gather(config, context, subject);
    return decideSecurity(facts, { limits: defined(config.limits), grace: defined(config.grace) });
  }),
);

async function gather(config: Config, context: CheckContext, subject: Subject): Promise<SecurityFacts> {
  const { now, sha } = subject;
  const found = await Promise.all(
    config.sources.map(async (source): Promise<Pick<SecurityFacts, 'alerts' | 'analyses'>> => {
      if (source === 'sarif') return readSarif(await sarifOf(config.sarif ?? '', context), sha);
      if (source === 'code-scanning') return codeScanning(config, context.facts(), subject);
      return { alerts: await alertsOf(source, config, context.facts()), analyses: null };
    }),
  );
  const analysed = found.flatMap(({ analyses }) => (analyses === null ? [] : [analyses]));
  // Every source that analyses commits must have seen this one.
  const analyses =
    analysed.length === 0 ? null : analysed.some((one) => one.length === 0) ? [] : analysed.flat();
  return { now, alerts: found.flatMap(({ alerts }) => alerts), analyses };
}

async function codeScanning({ ref }: Config, facts: ForgeFacts, subject: Subject) {
  const named = ref ?? subject.ref;
  const meant = named === '' ? `refs/heads/${await facts.defaultBranch()}` : named;
  const analyses = await facts.analyses(meant, subject.sha);
  // Where nothing was ever analysed, GitHub does not even know what alerts are.
  const alerts = analyses.length === 0 ? [] : await facts.codeScanningAlerts(meant);
  return { alerts, analyses };
}

async function alertsOf(
  source: 'dependabot' | 'secret-scanning',
  { limits }: Config,
  facts: ForgeFacts,
): Promise<readonly Alert[]> {
  if (source === 'secret-scanning') return facts.secretScanningAlerts();
  const limited = ALERT_SEVERITIES.filter((severity) => limits[severity] !== undefined);
  return (await Promise.all(limited.map((severity) => facts.dependabotAlerts(severity)))).flat();
}

async function sarifOf(path: string, { baseDir }: CheckContext): Promise<unknown> {
  const text = await readFile(resolve(baseDir, path), 'utf8').catch((error: unknown) => {
    const message = `expected a SARIF file at ${path}, saw none (${messageOf(error)}); run the scanner first`;
    throw new AdapterError('preflight', 'io', message, { retryable: false });
  });
  const json = parseJson(text);
  if (json !== undefined) return json;
  throw unreadable(`expected JSON in ${path}, saw something else; see what the scanner wrote`);
}

/** Without the keys that nobody wrote. */
function defined(given: Readonly<Partial<Record<Alert['severity'], number | undefined>>>) {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
