import type { Answer } from './answer.ts';
import { valueAtPath } from './json-path.ts';

/** https://slsa.dev/spec/v1.0/provenance: the one that names workflow and commit. */
export const PROVENANCE = 'https://slsa.dev/provenance/v1';

export interface AttestationFacts {
  /** `sha256:…` of the artefact. */
  readonly digest: string;
  /** Of what was attested for it: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
  readonly statements: readonly unknown[];
  /** Where the repository lives: `https://github.com/shine/booking`. */
  readonly repository: string;
}

export interface AttestationRules {
  readonly predicate: string;
  /** Path of the workflow that must have built it; null for any of the repository. */
  readonly workflow: string | null;
}

type Objection = Pick<Answer, 'code' | 'observed' | 'fix'>;

/** What speaks against an artefact: null when one statement says of it all that is asked. */
export function attestationFlaw(
  { digest, statements, repository }: AttestationFacts,
  rules: AttestationRules,
  sha: string,
): Objection | null {
  const fix = `attest it in the workflow that builds it, from ${sha.slice(0, 7)}`;
  const short = digest.slice(0, 'sha256:'.length + 12);
  const [first, ...others] = statements.map((one) => flawOf(one, { digest, repository, sha }, rules));
  if (first === undefined) return { code: 'missing', observed: `no attestation of ${short}`, fix };
  const flaw = others.includes(null) ? null : first;
  return flaw === null ? null : { ...flaw, observed: `${short} ${flaw.observed}`, fix };
}

interface Wanted {
  readonly digest: string;
  readonly repository: string;
  readonly sha: string;
}

type Flaw = Pick<Answer, 'code' | 'observed'>;

/** The index of GitHub is not believed: what was signed must say it itself. */
function flawOf(
  statement: unknown,
  { digest, repository, sha }: Wanted,
  rules: AttestationRules,
): Flaw | null {
  const subjects = list(valueAtPath(statement, 'subject'));
  const isOfIt = subjects.some((one) => `sha256:${text(one, 'digest.sha256')}` === digest);
  if (!isOfIt) return { code: 'not-met', observed: 'is not what the attestation is of' };
  const type = text(statement, 'predicateType');
  if (type !== rules.predicate) return { code: 'not-met', observed: `is attested as ${type || 'nothing'}` };
  if (type !== PROVENANCE) return null;
  const definition = valueAtPath(statement, 'predicate.buildDefinition');
  const from = text(definition, 'externalParameters.workflow.repository');
  if (!isSamePlace(from, repository))
    return { code: 'refused', observed: `was built by ${from || 'nobody'}` };
  const path = text(definition, 'externalParameters.workflow.path');
  if (rules.workflow !== null && path !== rules.workflow)
    return { code: 'refused', observed: `was built by ${path || 'no workflow'}` };
  const commits = list(valueAtPath(definition, 'resolvedDependencies'))
    .filter((one) => isSamePlace(placeIn(text(one, 'uri')), repository))
    .map((one) => text(one, 'digest.gitCommit'));
  if (commits.includes(sha)) return null;
  const seen = commits[0]?.slice(0, 7);
  return { code: 'stale', observed: seen === undefined ? 'names no commit' : `was built from ${seen}` };
}

/** `git+https://github.com/shine/booking@refs/heads/main` without how and where to. */
function placeIn(uri: string): string {
  return uri.replace(/^git\+/, '').replace(/@[^@]*$/, '');
}

/** GitHub takes no notice of case in names of owners and repositories. */
function isSamePlace(one: string, other: string): boolean {
  return one !== '' && one.toLowerCase() === other.toLowerCase();
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(of: unknown, path: string): string {
  const value = valueAtPath(of, path);
  return typeof value === 'string' ? value : '';
}
