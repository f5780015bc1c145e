import { z } from 'zod';
import { decideFlags, type Flag } from '../../core/checks/flags.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import type { CheckContext } from '../../ports/check.ts';
import { flagFile, flagsInFile } from './flags/flag-file.ts';
import { askLaunchDarkly, launchDarkly } from './flags/launchdarkly.ts';
import { askOfrep, ofrep } from './flags/ofrep.ts';
import type { FlagSource } from './flags/source.ts';
import { askUnleash, unleash } from './flags/unleash.ts';
import { frame, registered } from './frame.ts';

const source = z.discriminatedUnion('type', [ofrep, unleash, launchDarkly, flagFile]);

export const featureFlagsCheckSchema = z
  .strictObject({
    check: z.literal('feature-flags').describe('Feature flags are in the state that the release needs.'),
    ...frame({ title: 'Feature flags', timeout: '30s' }),
    source: source.describe('Where the flags are kept.'),
    flags: z
      .record(z.string().min(1), z.union([z.boolean(), z.string(), z.number()]))
      .refine((flags) => Object.keys(flags).length > 0, {
        params: { expected: 'at least one flag', fix: 'add one, as `new-checkout: true`' },
      })
      .describe('The state that each flag must be in: `true`, `false`, or the value or variant of it.'),
  })
  .describe('Asks for each flag. One that is unknown is a fail.')
  .transform((config) =>
    registered(config, async (context, subject, signal) => {
      const { read, place } = await readerFor(config.source, context, subject, signal);
      const flags = await Promise.all(
        Object.entries(config.flags).map(async ([name, wanted]): Promise<Flag> => {
          return { name, wanted, state: await read(name, signal) };
        }),
      );
      return decideFlags(flags, place);
    }),
  );

function readerFor(
  chosen: z.output<typeof source>,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<FlagSource> | FlagSource {
  switch (chosen.type) {
    case 'ofrep':
      return { place: 'OFREP', read: askOfrep(chosen, context) };
    case 'unleash':
      return { place: 'Unleash', read: askUnleash(chosen, context) };
    case 'launchdarkly':
      return { place: 'LaunchDarkly', read: askLaunchDarkly(chosen, context) };
    case 'file':
      return flagsInFile(chosen, context, subject, signal);
  }
}
