import { z } from 'zod';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { remembered } from './all-pages.ts';

const PAGE = 100;
const IN_TOTO = 'application/vnd.in-toto+json';

/** Of a Sigstore bundle only the envelope is read; the certificate is left to whoever verifies it. */
const bundle = z.object({
  dsseEnvelope: z.object({ payload: z.base64(), payloadType: z.literal(IN_TOTO) }),
});

const attestations = z.object({
  attestations: z.array(z.object({ bundle: z.unknown() })),
});

/** What GitHub keeps of an artefact, by its digest. */
export function attestationFacts(forge: Forge, signal: AbortSignal): Pick<ForgeFacts, 'attestations'> {
  return {
    attestations: remembered(async (digest, predicate) => {
      const route = 'GET /repos/{owner}/{repo}/attestations/{subject_digest}';
      const params = { subject_digest: digest, predicate_type: predicate, per_page: PAGE };
      const found = await forge.attempt({ route, params, answer: attestations }, signal);
      const all = found.kind === 'done' ? found.data.attestations : [];
      return {
        repository: forge.webUrl,
        statements: all.map((one) => statementIn(one.bundle, digest)),
      };
    }),
  };
}

function statementIn(given: unknown, digest: string): unknown {
  const parsed = bundle.safeParse(given);
  try {
    if (parsed.success)
      return JSON.parse(Buffer.from(parsed.data.dsseEnvelope.payload, 'base64').toString('utf8'));
  } catch {
    // Told below.
  }
  const cure = 'verify it with `check: command` and `gh attestation verify`';
  const message = `expected an in-toto statement in the attestation of ${digest}, saw none; ${cure}`;
  throw new AdapterError('github', 'invalid-answer', message, { retryable: false });
}
