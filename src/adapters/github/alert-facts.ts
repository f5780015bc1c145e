import { z } from 'zod';
import type { AlertSeverity } from '../../core/checks/forge-facts.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge, ForgeCall } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { allOf, remembered } from './all-pages.ts';
import { instant } from './commit-facts.ts';

type AlertFacts = Pick<
  ForgeFacts,
  'codeScanningAlerts' | 'analyses' | 'dependabotAlerts' | 'secretScanningAlerts'
>;

const severity = z.enum(['critical', 'high', 'medium', 'low']);

/** For rules that have no security severity. */
const BY_RULE: Readonly<Record<string, AlertSeverity>> = {
  error: 'high',
  warning: 'medium',
  note: 'low',
  none: 'low',
};

const codeScanningAlert = z
  .object({
    created_at: instant,
    html_url: z.string(),
    rule: z.object({
      description: z.string().optional(),
      severity: z.string().nullish(),
      security_severity_level: severity.nullish().catch(null),
    }),
  })
  .transform(({ created_at: at, html_url: url, rule }) => ({
    kind: 'code-scanning' as const,
    severity: rule.security_severity_level ?? BY_RULE[rule.severity ?? ''] ?? 'high',
    title: rule.description ?? 'code scanning alert',
    at,
    url,
  }));

const dependabotAlert = z
  .object({
    created_at: instant,
    html_url: z.string(),
    security_advisory: z.object({ severity, summary: z.string() }),
  })
  .transform(({ created_at: at, html_url: url, security_advisory: advisory }) => {
    return { kind: 'dependabot' as const, severity: advisory.severity, title: advisory.summary, at, url };
  });

/** A secret that is out is always critical. */
const secretAlert = z
  .object({ created_at: instant, html_url: z.string(), secret_type_display_name: z.string().nullish() })
  .transform(({ created_at: at, html_url: url, secret_type_display_name: title }) => {
    return {
      kind: 'secret-scanning' as const,
      severity: 'critical' as const,
      title: title ?? 'secret',
      at,
      url,
    };
  });

const analysis = z.object({
  commit_sha: z.string(),
  tool: z.object({ name: z.string().optional() }),
  error: z.string(),
});

/** What GitHub's scanners have found. */
export function alertFacts(forge: Forge, signal: AbortSignal): AlertFacts {
  return {
    codeScanningAlerts: remembered((ref) => {
      const route = 'GET /repos/{owner}/{repo}/code-scanning/alerts';
      return allOf(
        forge,
        { route, params: { ref, state: 'open' }, answer: z.array(codeScanningAlert) },
        signal,
      );
    }),
    analyses: remembered(async (ref, sha) => {
      const route = 'GET /repos/{owner}/{repo}/code-scanning/analyses';
      const found = await forge.attempt(
        { route, params: { ref, per_page: 100 }, answer: z.array(analysis) },
        signal,
      );
      // Without any analysis GitHub says that there is no such thing.
      if (found.kind === 'refused') return [];
      const own = found.data.filter(({ commit_sha: commit, error }) => commit === sha && error === '');
      return own.map(({ tool }) => tool.name ?? 'a tool');
    }),
    dependabotAlerts: remembered(async (wanted) => {
      const route = 'GET /repos/{owner}/{repo}/dependabot/alerts';
      const params = { state: 'open', severity: wanted, sort: 'created', direction: 'asc', per_page: 100 };
      const call = { route, params, answer: z.array(dependabotAlert) };
      return ifOn(forge, call, 'Dependabot alerts', 'vulnerability-alerts', signal);
    }),
    secretScanningAlerts: remembered(async () => {
      const route = 'GET /repos/{owner}/{repo}/secret-scanning/alerts';
      const params = { state: 'open', per_page: 100 };
      const call = { route, params, answer: z.array(secretAlert) };
      return ifOn(forge, call, 'secret scanning', 'secret-scanning-alerts', signal);
    }),
  };
}

/** Where a scanner is off, or hidden from the token, GitHub says that there is no such thing. */
async function ifOn<T>(
  forge: Forge,
  call: ForgeCall<T>,
  scanner: string,
  permission: string,
  signal: AbortSignal,
): Promise<T> {
  const found = await forge.attempt(call, signal);
  if (found.kind === 'done') return found.data;
  const cure = `switch ${scanner} on, or give the token \`${permission}: read\``;
  const message = `expected what ${scanner} found, saw ${found.status} (${found.message}); ${cure}`;
  throw new AdapterError('github', 'unauthorized', message, { retryable: false });
}
