import { PROVENANCE } from '../../src/core/checks/attestation.ts';
import { SHA } from './gate-subject.ts';

/** Of an artefact whose SHA-256 has one digit only. */
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const PLACE = 'https://github.com/shine/booking';

export interface Provenance {
  /** The digit; null for a statement of nothing. */
  readonly subject?: string | null | undefined;
  readonly sha256?: string;
  readonly predicateType?: string | undefined;
  readonly from?: string | undefined;
  readonly commit?: string | null | undefined;
  readonly uri?: string | undefined;
}

/** As `actions/attest-build-provenance` states it: https://actions.github.io/buildtypes/workflow/v1 */
export function statementOf({ subject, sha256, predicateType, from, commit, uri }: Provenance): object {
  const place = from ?? PLACE;
  const digest = { sha256: sha256 ?? (subject ?? 'a').repeat(64) };
  const source = { uri: uri ?? `git+${place}@refs/heads/main`, digest: { gitCommit: commit ?? SHA } };
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subject === null ? [] : [{ name: 'booking.tgz', digest }],
    predicateType: predicateType ?? PROVENANCE,
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: { ref: 'refs/heads/main', repository: place, path: '.github/workflows/build.yml' },
        },
        resolvedDependencies: commit === null ? [] : [source],
      },
      runDetails: { builder: { id: `${place}/.github/workflows/build.yml@refs/heads/main` } },
    },
  };
}
