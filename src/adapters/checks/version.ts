import { z } from 'zod';
import { type AttestationFacts, PROVENANCE } from '../../core/checks/attestation.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { decideVersion } from '../../core/checks/version.ts';
import type { CheckContext } from '../../ports/check.ts';
import { artefact, digestOf } from './artefact-digest.ts';
import { frame, ledgerOf, registered } from './frame.ts';

const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/;

const attested = z
  .strictObject({
    artefact: artefact.describe('What is deployed: by its digest, as a file, or by a program that tells it.'),
    predicate: z
      .string()
      .min(1)
      .prefault(PROVENANCE)
      .describe(
        'Type of what must be attested. Of provenance the repository, the workflow and the commit are looked at; of anything else only the artefact.',
      ),
    workflow: z
      .string()
      .meta({ pattern: WORKFLOW.source, examples: ['.github/workflows/build.yml'] })
      .refine((text) => WORKFLOW.test(text), {
        params: {
          expected: 'a workflow such as .github/workflows/build.yml',
          fix: 'write its path in the repository',
        },
      })
      .optional()
      .describe('Workflow of this repository that must have built it. Any of them, when left out.'),
  })
  .describe(
    'GitHub keeps an attestation that this artefact was built here from this commit. Its signature is not verified: for that, let `gh attestation verify` run as `check: command`.',
  );

export const versionCheckSchema = z
  .strictObject({
    check: z.literal('version').describe('This version may follow on what runs.'),
    ...frame({ title: 'Version', timeout: '30s' }),
    semver: z
      .boolean()
      .prefault(true)
      .describe('The version must be SemVer and above what runs. `false` for a rollout of plain commits.'),
    tag: z
      .enum(['any', 'exists', 'signed'])
      .prefault('any')
      .describe(
        '`exists`: a tag of that name is on this very commit. `signed`: GitHub verifies its signature, too.',
      ),
    attested: attested.optional(),
  })
  .describe('Compares the version with the ledger: above what runs, and never rejected here before.')
  .transform((config) =>
    registered(config, async (context, subject, signal) => {
      const { version, sha } = subject;
      const entry = await ledgerOf(context).newest(signal);
      const tag = config.tag === 'any' ? {} : { tag: await context.facts().tag(version) };
      const asked = config.attested;
      const attestation =
        asked === undefined ? {} : { attestation: await attestationOf(asked, context, subject, signal) };
      const running = entry?.record.stable?.version ?? null;
      const facts = { version, sha, running, rejected: entry?.record.rejected ?? [], ...tag, ...attestation };
      const rules = { mustBeSemver: config.semver, mustBeSigned: config.tag === 'signed' };
      if (asked === undefined) return decideVersion(facts, rules);
      const { predicate, workflow = null } = asked;
      return decideVersion(facts, { ...rules, attested: { predicate, workflow } });
    }),
  );

async function attestationOf(
  { artefact: named, predicate }: z.output<typeof attested>,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<AttestationFacts> {
  const digest = await digestOf(named, context, subject, signal);
  return { digest, ...(await context.facts().attestations(digest, predicate)) };
}
