import { z } from 'zod';
import { decideVersion } from '../../core/checks/version.ts';
import { frame, ledgerOf, registered } from './frame.ts';

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
  })
  .describe('Compares the version with the ledger: above what runs, and never rejected here before.')
  .transform((config) =>
    registered(config, async (context, { version, sha }, signal) => {
      const entry = await ledgerOf(context).newest(signal);
      const tag = config.tag === 'any' ? {} : { tag: await context.facts().tag(version) };
      const facts = {
        version,
        sha,
        running: entry?.record.stable?.version ?? null,
        rejected: entry?.record.rejected ?? [],
        ...tag,
      };
      return decideVersion(facts, { mustBeSemver: config.semver, mustBeSigned: config.tag === 'signed' });
    }),
  );
