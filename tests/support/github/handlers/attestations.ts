import { integer, optionalText, text } from '../json.ts';
import { notFound } from '../refusal.ts';
import { type Handlers, repositoryOf } from './call.ts';

/** https://docs.github.com/rest/repos/attestations#list-attestations: short names of predicate types. */
const SHORT: Readonly<Record<string, string>> = {
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'https://spdx.dev/Document',
};

export const attestations: Handlers = {
  'repos/list-attestations': (call) => {
    const repository = repositoryOf(call);
    const asked = optionalText(call.query, 'predicate_type');
    const found = repository.attestations.filter(
      ({ digest, predicateType }) =>
        digest === text(call.path, 'subject_digest') &&
        (asked === undefined || predicateType === (SHORT[asked] ?? asked)),
    );
    // The service does not know what nobody has attested.
    if (found.length === 0) throw notFound();
    const listed = found.slice(0, integer(call.query, 'per_page')).map(({ payload }) => ({
      repository_id: repository.id,
      bundle_url: '',
      initiator: 'user',
      bundle: {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {},
        dsseEnvelope: {
          payload: Buffer.from(payload).toString('base64'),
          payloadType: 'application/vnd.in-toto+json',
          signatures: [{ sig: '' }],
        },
      },
    }));
    return { status: 200, body: { attestations: listed } };
  },
};
