import { z } from 'zod';
import { parseDuration } from '../core/units.ts';
import { deployInputs } from './deploy-inputs.ts';
import { e2eGateInputs } from './e2e-gate-inputs.ts';
import { LOAD_TEST_OUTPUTS, loadTestOwn } from './load-test-inputs.ts';
import { prStatusInputs } from './pr-status-inputs.ts';
import { taskInputs } from './task-inputs.ts';

const duration = z.string().transform((value, context) => {
  const ms = parseDuration(value);
  if (ms === null || ms <= 0) {
    context.addIssue({ code: 'custom', message: `expected a duration such as 6h or 90m, saw "${value}"` });
    return z.NEVER;
  }
  return ms;
});

const yesNo = z.enum(['true', 'false']).transform((value) => value === 'true');
const optional = z.string().transform((value) => (value === '' ? null : value));
/** What a version may look like: a SHA, a tag, an image tag. Never an option of somebody's command line. */
const versionName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+/@:-]{0,199}$/,
    'expected a commit SHA or a tag (letters, digits, . _ + / @ : -)',
  );

const config = z
  .string()
  .default('.github/deploy-canary.yml')
  .describe('Path of the configuration file, from the root of the workspace.');
const environment = z
  .string()
  .default('production')
  .describe('Which environment of the configuration to act on.');

const githubToken = optional
  .default(null)
  .describe(
    'Token for the ledger on GitHub and for what is shown there. Default: the token of the job, with its `permissions`.',
  );

const sha = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'expected a full commit SHA of 40 hex digits')
  .describe('The commit that is asked about. Default: the commit of the run.');

const versionOrNone = z
  .union([z.literal(''), versionName])
  .transform((value) => (value === '' ? null : value))
  .default(null);

/** Inputs of each action: the one list that action.yml, the README tables and the code are held against. */
export const INPUTS = {
  canary: z.strictObject({
    config,
    environment,
    'github-token': githubToken,
    version: versionName.describe(
      'The version to roll out: a commit SHA or a tag. Default: the commit of the run.',
    ),
    'job-limit': duration
      .default(21_600_000)
      .describe(
        'How long the job may run (its `timeout-minutes`), such as `6h`. A plan that cannot finish in time is refused.',
      ),
    readmit: optional
      .default(null)
      .describe(
        'Why a version that failed here before may be tried again, for the record; refused without it.',
      ),
    report: optional.default(null).describe('Where to write the HTML report; none if empty.'),
  }),
  rollback: z.strictObject({
    config,
    environment,
    'github-token': githubToken,
    version: versionOrNone.describe('The version to go back to. Default: the one that served before.'),
    reason: z
      .string()
      .min(3, 'expected a reason of a few words, for the incident record')
      .describe('Why, for the record.'),
    'to-slot': z
      .enum(['', 'a', 'b'])
      .transform((value) => (value === '' ? null : value))
      .default(null)
      .describe(
        'Only for when the ledger cannot be read and the router holds no lease: the slot that must take all traffic.',
      ),
    'only-in-progress': yesNo
      .default(false)
      .describe(
        'Say `true` where an alert starts it: a rollout in progress is taken back, and what was promoted before is left alone.',
      ),
    report: optional.default(null).describe('Where to write the HTML report; none if empty.'),
  }),
  reconcile: z.strictObject({
    config,
    environment,
    'github-token': githubToken,
    'owner-has-ended': yesNo
      .default(false)
      .describe(
        'Say `true` in a job that `needs` the canary job: whoever drove the rollout in this run has ended for sure.',
      ),
  }),
  preflight: z.strictObject({
    config,
    environment: environment.describe('Where the change is about to go. It need not be configured.'),
    checklist: optional
      .default(null)
      .describe(
        'Which checklist of the configuration must be green. Default: the one named like the environment.',
      ),
    sha,
    version: versionOrNone.describe(
      'The version that is about to go out: a SemVer tag, where there is one. Default: the commit.',
    ),
    'override-freeze': optional
      .default(null)
      .describe('Why a deployment freeze is broken. Recorded with the name of who started the run.'),
    'github-token': optional
      .default(null)
      .describe('Token that the checks read GitHub with. Default: the one of the job.'),
    'check-run-id': z
      .string()
      .regex(/^\d*$/, 'expected a number')
      .transform((value) => (value === '' ? null : Number(value)))
      .default(null)
      .describe('The check run of this job, so that it does not wait for itself. Leave it alone.'),
  }),
  deploy: z.strictObject({
    config,
    environment: deployInputs.environment,
    service: deployInputs.service,
    sha: sha.describe('The commit that is deployed. Default: the commit of the run.'),
    version: versionOrNone.describe('The version: a SemVer tag, where there is one. Default: the commit.'),
    'allow-downgrade': deployInputs['allow-downgrade'],
    force: deployInputs.force,
    'github-token': githubToken.describe(
      'Token for the deployments on GitHub. Default: the token of the job, with its `permissions`.',
    ),
  }),
  'load-test': z.strictObject({
    config,
    environment: environment.describe('What is put under load. It need not be configured.'),
    'load-test': loadTestOwn['load-test'],
    sha,
    version: versionOrNone.describe(
      'The version that must be under load, as the service tells it. Default: the commit.',
    ),
    report: loadTestOwn.report,
    'github-token': optional
      .default(null)
      .describe('Token for accepted runs that are kept on GitHub. Default: the one of the job.'),
  }),
  'pr-status': prStatusInputs,
  'e2e-gate': e2eGateInputs,
  task: z.strictObject({
    ...taskInputs,
    'github-token': optional
      .default(null)
      .describe('Token to open the issue with. Default: the one of the job, with its `permissions`.'),
  }),
} as const;

export type ActionName = keyof typeof INPUTS;
export const ACTION_NAMES = [
  'canary',
  'rollback',
  'reconcile',
  'preflight',
  'deploy',
  'load-test',
  'pr-status',
  'e2e-gate',
  'task',
] as const satisfies readonly ActionName[];

const ROLLOUT_OUTPUTS = {
  state: 'Phase that the rollout is in: `promoted`, `restored`, `aborted`, or an open one.',
  weight:
    'Share of traffic (percent) on the version that was on trial, as the router last said; empty when it could not be asked.',
  'reason-code': 'Why it ended so: one of a closed list of codes.',
  'rollout-id': 'Id of the rollout in the ledger.',
  verdict: '`pass`, `fail` or `inconclusive`.',
  result: 'Everything as versioned JSON.',
} as const;

/** What each action answers with. */
export const OUTPUTS = {
  canary: ROLLOUT_OUTPUTS,
  rollback: ROLLOUT_OUTPUTS,
  reconcile: ROLLOUT_OUTPUTS,
  preflight: {
    verdict: '`pass`, `fail` or `inconclusive`.',
    failed: 'Ids of the checks that keep the gate shut, separated by commas.',
    'reason-code': 'Why the gate is open or shut: one of a closed list of codes.',
    result: 'Everything as versioned JSON.',
  },
  deploy: {
    verdict: '`pass`, `fail` or `inconclusive`.',
    failed: 'Ids of the findings that keep the gate shut, separated by commas.',
    'reason-code': 'Why the gate is open or shut: one of a closed list of codes.',
    'deployment-id':
      'Id of the deployment in the record; of several services, in their order, separated by commas.',
    'previous-version':
      'What ran before; empty when nothing did, and when services ran different ones: `result` has each.',
    url: 'Where the environment is reached.',
    result: 'Everything as versioned JSON.',
  },
  'load-test': LOAD_TEST_OUTPUTS,
  'pr-status': {
    verdict: '`pass` or `fail` of the showing; what the gate says is no business of this step.',
    'reason-code': '`shown`, `superseded`, `read-only-token`, `not-shown`, or `config-invalid`.',
    result: 'Everything as versioned JSON.',
  },
  'e2e-gate': {
    verdict: '`pass`, `fail` or `inconclusive`.',
    failed: 'Ids of the flows and other findings that keep the gate shut, separated by commas.',
    'reason-code': 'Why the gate is open or shut: one of a closed list of codes.',
    result: 'Everything as versioned JSON: counts, flows, failures, flaky and slow tests.',
  },
  task: {
    verdict: '`pass` when there is an issue, else `fail`.',
    'reason-code': '`opened`, `open-already`, `done-already`, `not-opened`, or `config-invalid`.',
    url: 'Address of the issue.',
    result: 'Everything as versioned JSON.',
  },
} as const satisfies Record<ActionName, Record<string, string>>;

export type ReadInputs<T> =
  | { readonly ok: true; readonly inputs: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads all inputs at once and reports everything that is wrong with them. Empty means not given. */
export function readInputs<S extends z.ZodObject>(
  schema: S,
  read: (input: string) => string,
  defaults: Readonly<Record<string, string | undefined>>,
): ReadInputs<z.output<S>> {
  const raw: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = read(key) || defaults[key];
    if (value !== undefined && value !== '') raw[key] = value;
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, inputs: parsed.data };
  const problems = parsed.error.issues.map((issue) => {
    const missing = issue.code === 'invalid_type' && raw[issue.path.join('.')] === undefined;
    return `input ${issue.path.join('.')}: ${missing ? 'is required and was not given' : issue.message}`;
  });
  return { ok: false, problems };
}
