import type { Alert, AlertSeverity } from './forge-facts.ts';
import { valueAtPath } from './json-path.ts';

/** https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html, as far as it is needed here. */
const BY_LEVEL: Readonly<Record<string, AlertSeverity>> = {
  error: 'high',
  warning: 'medium',
  note: 'low',
  none: 'low',
};

export interface SarifFindings {
  readonly alerts: readonly Alert[];
  /** Tools whose run is of this commit, or does not say of which. */
  readonly analyses: readonly string[];
}

/** Results that nobody has suppressed, and the tools that looked. A run of another commit is none of this one. */
export function readSarif(sarif: unknown, sha: string): SarifFindings {
  const runs = list(valueAtPath(sarif, 'runs')).filter((run) => isOf(run, sha));
  return {
    analyses: runs.map((run) => text(valueAtPath(run, 'tool.driver.name')) ?? 'a tool'),
    alerts: runs.flatMap((run) =>
      list(valueAtPath(run, 'results')).flatMap((result) => alertOf(result, run)),
    ),
  };
}

function isOf(run: unknown, sha: string): boolean {
  const commits = list(valueAtPath(run, 'versionControlProvenance')).map((one) =>
    valueAtPath(one, 'revisionId'),
  );
  const told = commits.filter((commit) => commit !== undefined);
  return told.length === 0 || told.includes(sha);
}

function alertOf(result: unknown, run: unknown): Alert[] {
  const suppressions = list(valueAtPath(result, 'suppressions'));
  const isSuppressed = suppressions.some((one) => (valueAtPath(one, 'status') ?? 'accepted') === 'accepted');
  if (isSuppressed || valueAtPath(result, 'baselineState') === 'absent') return [];
  const kind = valueAtPath(result, 'kind') ?? 'fail';
  if (kind !== 'fail') return [];
  const id = text(valueAtPath(result, 'ruleId')) ?? text(valueAtPath(result, 'rule.id'));
  const rule = ruleOf(run, id, valueAtPath(result, 'ruleIndex'));
  return [
    { kind: 'code-scanning', severity: severityOf(result, rule), title: id ?? 'finding', at: null, url: '' },
  ];
}

function ruleOf(run: unknown, id: string | null, index: unknown): unknown {
  const rules = list(valueAtPath(run, 'tool.driver.rules'));
  const byIndex = typeof index === 'number' ? rules[index] : undefined;
  return byIndex ?? rules.find((rule) => id !== null && valueAtPath(rule, 'id') === id);
}

/** `security-severity` is a CVSS score, with the bounds that GitHub gives to it. */
function severityOf(result: unknown, rule: unknown): AlertSeverity {
  const score = Number(
    properties(result, 'security-severity') ?? properties(rule, 'security-severity') ?? Number.NaN,
  );
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  if (score > 0) return 'low';
  const level = valueAtPath(result, 'level') ?? valueAtPath(rule, 'defaultConfiguration.level') ?? 'warning';
  return BY_LEVEL[String(level)] ?? 'high';
}

function properties(of: unknown, name: string): unknown {
  const value = valueAtPath(of, `/properties/${name}`);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
