import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attestationFlaw, PROVENANCE } from '../../../src/core/checks/attestation.ts';
import { decideVersion } from '../../../src/core/checks/version.ts';
import { SHA } from '../../support/gate-subject.ts';
import { DIGEST, PLACE, statementOf } from '../../support/provenance.ts';
import { vectors } from '../../support/vectors.ts';

const row = z.strictObject({
  what: z.string(),
  none: z.boolean().default(false),
  twice: z.boolean().default(false),
  subject: z.string().nullable().optional(),
  predicateType: z.string().optional(),
  from: z.string().optional(),
  commit: z.string().nullable().optional(),
  uri: z.string().optional(),
  workflow: z.string().nullable().default(null),
  asked: z.string().default(PROVENANCE),
  status: z.string(),
  code: z.string(),
  observed: z.string(),
});

describe('an artefact', () => {
  it.each(vectors('attestation', row))('$what', ({ none, twice, workflow, asked, ...one }) => {
    const statements = none ? [] : [statementOf(one), ...(twice ? [statementOf({})] : [])];
    const attestation = { digest: DIGEST, statements, repository: PLACE };
    const facts = { version: 'v1.4.0', sha: SHA, running: 'v1.3.9', rejected: [], attestation };
    const rules = { mustBeSemver: true, mustBeSigned: false, attested: { predicate: asked, workflow } };
    const { status, code, observed } = decideVersion(facts, rules);
    expect({ status, code, observed }).toEqual({
      status: one.status,
      code: one.code,
      observed: one.observed,
    });
  });

  it('is never let through by a statement that is not about it, whatever it holds', () => {
    const rules = { predicate: PROVENANCE, workflow: null };
    fc.assert(
      fc.property(fc.array(fc.anything(), { maxLength: 3 }), (statements) => {
        expect(attestationFlaw({ digest: DIGEST, statements, repository: PLACE }, rules, SHA)).not.toBeNull();
      }),
    );
  });
});
