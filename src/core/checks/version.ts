import semver from 'semver';
import type { Answer } from './answer.ts';
import { type AttestationFacts, type AttestationRules, attestationFlaw } from './attestation.ts';
import type { Tag } from './forge-facts.ts';

export interface VersionFacts {
  readonly version: string;
  readonly sha: string;
  /** What serves now; null when nothing does yet. */
  readonly running: string | null;
  readonly rejected: readonly string[];
  /** Undefined when tags are not asked about. */
  readonly tag?: Tag | null;
  /** Undefined when nothing is asked about the artefact. */
  readonly attestation?: AttestationFacts;
}

export interface VersionRules {
  /** SemVer that must be greater than what runs; a rollout of commits has none. */
  readonly mustBeSemver: boolean;
  readonly mustBeSigned: boolean;
  /** Undefined when nothing is asked about the artefact. */
  readonly attested?: AttestationRules;
}

/** Whether this version may follow on what runs. The first objection is told. */
export function decideVersion(facts: VersionFacts, rules: VersionRules): Answer {
  const { version, running } = facts;
  const expected = expectedWords(facts, rules);
  const objection =
    rejection(facts) ?? orderFlaw(facts, rules) ?? tagFlaw(facts, rules) ?? artefactFlaw(facts, rules);
  if (objection !== null) return { status: 'fail', expected, ...objection };
  const attested = facts.attestation === undefined ? '' : '; its artefact is attested';
  const runs = running === null ? 'nothing runs yet' : `${running} runs`;
  const observed = `${version}; ${runs}${attested}`;
  return { status: 'pass', code: 'met', observed, expected };
}

type Objection = Pick<Answer, 'code' | 'observed' | 'fix'>;

function expectedWords(
  { running }: VersionFacts,
  { mustBeSemver, mustBeSigned, attested }: VersionRules,
): string {
  const parts = [
    mustBeSemver && running !== null ? `a version above ${running}` : 'a version that was not rejected',
    ...(mustBeSigned ? ['a signed tag on this commit'] : []),
    ...(attested === undefined
      ? []
      : [`an artefact attested by ${attested.workflow ?? 'a workflow of this repository'}`]),
  ];
  return parts.join(', ');
}

function rejection({ version, sha, rejected }: VersionFacts): Objection | null {
  const seen = rejected.find((one) => one === version || one === sha);
  if (seen === undefined) return null;
  const fix = 'fix it in a new version; to try this one again, start the rollout with a reason in `readmit`';
  return { code: 'refused', observed: `${seen} was aborted or rolled back here before`, fix };
}

function orderFlaw({ version, running }: VersionFacts, { mustBeSemver }: VersionRules): Objection | null {
  if (!mustBeSemver) return null;
  const next = semver.parse(version);
  const fix = 'tag the commit with a SemVer version above what runs';
  if (next === null) return { code: 'not-met', observed: `${version}, which is no SemVer version`, fix };
  if (running === null) return null;
  const current = semver.parse(running);
  if (current === null) {
    const how = 'deploy tagged versions, or set `semver: false`';
    return { code: 'not-met', observed: `${running} runs, which is no SemVer version`, fix: how };
  }
  if (semver.gt(next, current)) return null;
  return { code: 'stale', observed: `${version} is not above ${running}`, fix };
}

function tagFlaw({ version, sha, tag }: VersionFacts, { mustBeSigned }: VersionRules): Objection | null {
  if (tag === undefined) return null;
  const fix = `tag ${sha.slice(0, 7)} as ${version} and sign the tag: \`git tag -s ${version}\``;
  if (tag === null) return { code: 'missing', observed: `no tag ${version}`, fix };
  if (tag.commit !== sha)
    return { code: 'stale', observed: `the tag ${version} is on ${tag.commit.slice(0, 7)}`, fix };
  if (!mustBeSigned || tag.signature?.verified === true) return null;
  const why = tag.signature === null ? 'a lightweight tag' : `signature ${tag.signature.reason}`;
  return { code: 'not-met', observed: `the tag ${version} is not signed (${why})`, fix };
}

function artefactFlaw({ sha, attestation }: VersionFacts, { attested }: VersionRules): Objection | null {
  return attestation === undefined || attested === undefined
    ? null
    : attestationFlaw(attestation, attested, sha);
}
