import { type Fields, optionalText } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type {
  CodeScanningAlert,
  CodeScanningAnalysis,
  DependabotAlert,
  Scanner,
  SecretAlert,
} from '../state/alerts.ts';
import type { Repository } from '../state/world.ts';
import { type Answer, type Call, type Handlers, repositoryOf, repositoryUrl } from './call.ts';

/** What GitHub says of a scanner that nobody switched on. */
const OFF: Readonly<Record<Scanner, Refusal>> = {
  'code-scanning': new Refusal(403, 'Code scanning is not enabled for this repository.'),
  dependabot: new Refusal(403, 'Dependabot alerts are disabled for this repository.'),
  'secret-scanning': new Refusal(404, 'Secret scanning is disabled on this repository.'),
};

function scanned(call: Call, scanner: Scanner): Repository {
  const repository = repositoryOf(call);
  if (repository.scannersOff.includes(scanner)) throw OFF[scanner];
  return repository;
}

/** `main` and `refs/heads/main` mean the same here. */
const isRef = (asked: unknown, ref: string): boolean =>
  asked === undefined || asked === ref || `refs/heads/${String(asked)}` === ref;

/** A comma-separated list of which one must fit. */
const oneOf = (asked: string | undefined, value: string): boolean =>
  asked === undefined || asked.split(',').includes(value);

function sorted<Item>(call: Call, items: readonly Item[]): readonly Item[] {
  return call.query.direction === 'asc' ? items : [...items].reverse();
}

const alertUrls = (call: Call, scanner: Scanner, number: number) => {
  const url = `${repositoryUrl(call)}/${scanner}/alerts/${number}`;
  return { url, html_url: url };
};

function codeScanningBody(call: Call, alert: CodeScanningAlert): unknown {
  const { number, state, ref, sha, path } = alert;
  const urls = alertUrls(call, 'code-scanning', number);
  const rule = {
    id: alert.rule,
    name: alert.rule,
    severity: alert.severity,
    security_severity_level: alert.securitySeverity,
    description: alert.rule,
  };
  return {
    ...{ number, state, ...urls, instances_url: `${urls.url}/instances`, created_at: alert.createdAt, rule },
    ...{ dismissed_by: null, dismissed_at: null, dismissed_reason: null },
    tool: { name: alert.tool, guid: null, version: null },
    most_recent_instance: {
      ref,
      state,
      commit_sha: sha,
      location: { path, start_line: 1, end_line: 1, start_column: 1, end_column: 1 },
    },
  };
}

function analysisBody(call: Call, analysis: CodeScanningAnalysis): unknown {
  const { id, ref, sha, category, error, results } = analysis;
  return {
    ...{ id, ref, commit_sha: sha, category, error, results_count: results, created_at: analysis.createdAt },
    url: `${repositoryUrl(call)}/code-scanning/analyses/${id}`,
    tool: { name: analysis.tool, guid: null, version: null },
  };
}

function dependabotBody(call: Call, alert: DependabotAlert): unknown {
  const { number, state, severity } = alert;
  const named = { ecosystem: alert.ecosystem, name: alert.package };
  return {
    ...{
      number,
      state,
      ...alertUrls(call, 'dependabot', number),
      created_at: alert.createdAt,
      updated_at: alert.createdAt,
    },
    dependency: { package: named, manifest_path: alert.manifest, scope: alert.scope },
    security_advisory: { ghsa_id: `GHSA-${number}`, summary: alert.summary, severity },
    security_vulnerability: { package: named, severity, vulnerable_version_range: '*' },
  };
}

function secretBody(call: Call, alert: SecretAlert): unknown {
  const { number, state, resolution, validity } = alert;
  return {
    ...{
      number,
      state,
      resolution,
      validity,
      ...alertUrls(call, 'secret-scanning', number),
      created_at: alert.createdAt,
    },
    ...{ secret_type: alert.type, secret_type_display_name: alert.type },
  };
}

function listCodeScanning(call: Call): Answer {
  const repository = scanned(call, 'code-scanning');
  // https://docs.github.com/rest/code-scanning/code-scanning#list-code-scanning-alerts-for-a-repository
  if (repository.analyses.length + repository.codeScanningAlerts.length === 0)
    throw new Refusal(404, 'no analysis found');
  const { state, tool_name: tool, ref } = call.query;
  const main = `refs/heads/${repository.defaultBranch}`;
  const found = repository.codeScanningAlerts
    .filter(
      (alert) =>
        (state === undefined || alert.state === state) && (tool === undefined || alert.tool === tool),
    )
    .filter((alert) => isRef(ref ?? main, alert.ref));
  return { status: 200, list: { items: sorted(call, found).map((alert) => codeScanningBody(call, alert)) } };
}

function listAnalyses(call: Call): Answer {
  const { analyses } = scanned(call, 'code-scanning');
  if (analyses.length === 0) throw new Refusal(404, 'no analysis found');
  const { tool_name: tool, ref } = call.query;
  const found = analyses.filter((one) => isRef(ref, one.ref) && (tool === undefined || one.tool === tool));
  return { status: 200, list: { items: sorted(call, found).map((one) => analysisBody(call, one)) } };
}

function listDependabot(call: Call): Answer {
  const asked = (name: string) => optionalText(call.query, name);
  const found = scanned(call, 'dependabot').dependabotAlerts.filter(
    (alert) =>
      oneOf(asked('state'), alert.state) &&
      oneOf(asked('severity'), alert.severity) &&
      oneOf(asked('ecosystem'), alert.ecosystem) &&
      oneOf(asked('package'), alert.package) &&
      oneOf(asked('manifest'), alert.manifest) &&
      oneOf(asked('scope'), alert.scope),
  );
  return { status: 200, list: { items: sorted(call, found).map((alert) => dependabotBody(call, alert)) } };
}

function listSecrets(call: Call): Answer {
  const asked = (name: string, query: Fields = call.query) => optionalText(query, name);
  const found = scanned(call, 'secret-scanning').secretAlerts.filter(
    (alert) =>
      oneOf(asked('state'), alert.state) &&
      oneOf(asked('secret_type'), alert.type) &&
      oneOf(asked('resolution'), alert.resolution ?? '') &&
      oneOf(asked('validity'), alert.validity),
  );
  return { status: 200, list: { items: sorted(call, found).map((alert) => secretBody(call, alert)) } };
}

export const alerts: Handlers = {
  'code-scanning/list-alerts-for-repo': listCodeScanning,
  'code-scanning/list-recent-analyses': listAnalyses,
  'dependabot/list-alerts-for-repo': listDependabot,
  'secret-scanning/list-alerts-for-repo': listSecrets,
};
