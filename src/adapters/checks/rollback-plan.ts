import { z } from 'zod';
import { endOf } from '../../core/checks/command.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { decideRollbackPlan, type Proof } from '../../core/checks/rollback-plan.ts';
import { openRollout, type ServiceRecord, type Version } from '../../core/rollout/record.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { TrafficReading, TrafficRouter } from '../../ports/traffic-router.ts';
import { argv, fromEnv, runProgram } from './command.ts';
import { envName, frame, ledgerOf, refuse, registered } from './frame.ts';
import { migrationProofs } from './rollback-migrations.ts';
import { credentialProofs, credentials, permissionProofs, permissions } from './rollback-proofs.ts';
import { placeOf, request } from './web.ts';

const VERSION = '{version}';

const artefactUrl = z
  .string()
  .meta({ examples: ['https://registry.example.com/v2/booking-api/manifests/{version}'] })
  .superRefine((text, context) => {
    const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
    if (isUrl && text.includes(VERSION)) return;
    refuse(context, 'an http or https URL with {version} in it', 'write {version} where the version stands');
  });

const config = z
  .strictObject({
    check: z.literal('rollback-plan').describe('There is a way back, proved before it is needed.'),
    ...frame({ title: 'Rollback plan', timeout: '60s' }),
    artefact: z
      .union([
        z.strictObject({
          url: artefactUrl.describe(
            'Asked with HEAD, `{version}` replaced: a manifest in a registry, an archive.',
          ),
          'token-env': envName.optional().describe('Name of the variable with a bearer token.'),
        }),
        z.strictObject({
          run: argv.describe(
            'A program that ends with exit code 0 when the version in PREVIOUS_VERSION still exists.',
          ),
          'env-from': z.array(envName).prefault([]).describe('Names of variables to hand on.'),
        }),
      ])
      .optional()
      .describe('How to see that what runs now could be deployed again. Not asked when left out.'),
    router: z
      .boolean()
      .prefault(true)
      .describe('Prove that the router can be written, by writing what it already says.'),
    migrations: z
      .boolean()
      .prefault(true)
      .describe(
        'Judge the migrations since that version by the rules of `migrations:`. Nothing is judged where the configuration has none.',
      ),
    permissions,
    credentials,
  })
  .describe(
    'The ledger knows a version to go back to, its artefact is still there, the router takes a change that changes nothing, and so does GitHub where it is written to; and it bears the migrations that came since. The very first deployment has none, and needs a waiver.',
  );

type Config = z.output<typeof config>;

export const rollbackPlanCheckSchema = config.transform((config) =>
  registered(config, async (context, subject, signal) => {
    const entry = await ledgerOf(context).newest(signal);
    const version = entry?.record.stable?.version ?? null;
    const open = openRollout(entry?.record ?? null);
    const proofs = [previousProof(version), idleProof(open?.id ?? null)];
    if (version !== null) {
      proofs.push(...(await artefactProof(config, version, context, subject, signal)));
      if (config.migrations) proofs.push(...(await migrationProofs(context, version, subject.sha, signal)));
    }
    // While a rollout holds the router, nobody else writes to it.
    if (config.router && open === null)
      proofs.push(await routerProof(entry?.record ?? null, context, signal));
    if (config.permissions === 'prove') proofs.push(...(await permissionProofs(context)));
    proofs.push(...credentialProofs(config.credentials, context, subject.now));
    return decideRollbackPlan(proofs);
  }),
);

function previousProof(version: Version | null): Proof {
  const seen = version === null ? 'nothing is known to have served here before' : `back to ${version}`;
  return { what: 'a version to go back to', holds: version !== null, seen };
}

function idleProof(rollout: string | null): Proof {
  const seen = rollout === null ? 'no rollout is open' : `rollout ${rollout} is still open`;
  return { what: 'no open rollout', holds: rollout === null, seen };
}

async function artefactProof(
  { artefact }: Config,
  version: Version,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<Proof[]> {
  if (artefact === undefined) return [];
  const what = 'its artefact';
  if ('url' in artefact) {
    const url = artefact.url.replaceAll(VERSION, encodeURIComponent(version));
    const token = artefact['token-env'] === undefined ? '' : (context.env[artefact['token-env']] ?? '');
    if (token !== '') context.mask(token);
    const headers = { accept: '*/*', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
    const { status } = await request({ url, method: 'HEAD', headers }, signal);
    const holds = status >= 200 && status < 300;
    return [{ what, holds, seen: holds ? 'artefact found' : `HTTP ${status} for ${placeOf(url)}` }];
  }
  const env = { ...fromEnv(context, artefact['env-from']), PREVIOUS_VERSION: version };
  const outcome = await runProgram({ argv: artefact.run, cwd: '.', env }, context, subject, signal);
  const end = endOf(outcome);
  const holds = end.kind === 'exited' && end.code === 0;
  return [
    { what, holds, seen: holds ? 'artefact found' : `${artefact.run[0] ?? ''} did not find ${version}` },
  ];
}

/** Writes the shares that are there already, without a lease; under anybody's lease it writes nothing. */
async function routerProof(
  record: ServiceRecord | null,
  context: CheckContext,
  signal: AbortSignal,
): Promise<Proof> {
  const what = 'a router that can be written';
  try {
    const router = routerOf(context);
    const reading = await router.read(signal);
    if (reading.lease !== null)
      return { what, holds: false, seen: `the router is held by ${reading.lease.holder}` };
    const slot = record?.stable?.slot ?? null;
    if (slot !== null && reading.shares[slot] !== 100)
      return { what, holds: false, seen: `stable has ${reading.shares[slot]} % of the traffic` };
    return { what, ...(await writeBack(router, reading, signal)) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { what, holds: false, seen: messageOf(error) };
  }
}

function routerOf({ router, environment }: CheckContext): TrafficRouter {
  if (router !== null) return router();
  throw new Error(
    `expected a router of the environment ${environment}, saw none; add it under \`environments:\``,
  );
}

async function writeBack(router: TrafficRouter, { shares, token }: TrafficReading, signal: AbortSignal) {
  await router.shift({ shares, lease: null, token }, signal);
  const after = await router.read(signal);
  const isSame = after.shares.a === shares.a && after.shares.b === shares.b;
  return {
    holds: isSame,
    seen: isSame ? `${router.name} router takes changes` : 'the router changed the shares',
  };
}
