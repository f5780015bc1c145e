import { type ActionName, INPUTS, OUTPUTS } from '../src/actions/inputs.ts';

interface Face {
  readonly title: string;
  readonly description: string;
  /** Folder of the action, and from there the folder with its entries. */
  readonly folder: string;
  readonly entries: string;
  readonly post: boolean;
}

/** Every action.yml of the repository, by its path; the root is the Marketplace face of actions/canary. */
const FACES: readonly (Face & { readonly action: ActionName })[] = [
  {
    action: 'canary',
    folder: '.',
    entries: 'actions/canary/',
    title: 'Deploy canary',
    description:
      'Shifts production traffic step by step, watches the KPIs, and promotes or takes every request back',
    post: true,
  },
  {
    action: 'canary',
    folder: 'actions/canary',
    entries: '',
    title: 'Canary rollout',
    description: 'Runs or resumes one rollout: shifts traffic step by step, watches, promotes or aborts',
    post: true,
  },
  {
    action: 'rollback',
    folder: 'actions/rollback',
    entries: '',
    title: 'Roll back',
    description: 'Puts traffic back on the previous (or a named) version now, verified',
    post: false,
  },
  {
    action: 'reconcile',
    folder: 'actions/reconcile',
    entries: '',
    title: 'Reconcile',
    description:
      'Finds a rollout that nobody drives any more and brings it to a safe end; goes on with one that is parked',
    post: false,
  },
  {
    action: 'preflight',
    folder: 'actions/preflight',
    entries: '',
    title: 'Preflight',
    description: 'Runs a checklist; every check must be green before a change goes on',
    post: false,
  },
  {
    action: 'load-test',
    folder: 'actions/load-test',
    entries: '',
    title: 'Load test',
    description: 'Load at many times normal traffic must be borne, within limits, before a change goes on',
    post: false,
  },
  {
    action: 'pr-status',
    folder: 'actions/pr-status',
    entries: '',
    title: 'Gate status',
    description: 'Shows what a gate says: one commit status for each, and one comment on the pull request',
    post: false,
  },
  {
    action: 'task',
    folder: 'actions/task',
    entries: '',
    title: 'Task',
    description: 'Opens one issue for work that a person must do, with an owner and evidence',
    post: false,
  },
  {
    action: 'deploy',
    folder: 'actions/deploy',
    entries: '',
    title: 'Deploy',
    description: 'Migrates, deploys a version, verifies that it answers, and records the deployment',
    post: false,
  },
  {
    action: 'e2e-gate',
    folder: 'actions/e2e-gate',
    entries: '',
    title: 'E2E gate',
    description: 'Reads test reports, or runs the tests first; every named flow must be proven by them',
    post: false,
  },
];

interface InputRow {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly fallback: string;
}

function rows(action: ActionName): InputRow[] {
  return Object.entries(INPUTS[action].shape).map(([name, field]) => {
    const given = OWN_DEFAULTS[action]?.[name] ?? DEFAULTS[name] ?? '';
    const required = !field.safeParse(undefined).success && given === '';
    return { name, description: field.description ?? '', required, fallback: given };
  });
}

/** What the runner itself fills in. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}

/** Defaults as action.yml says them; the code has the same ones, which the contract test holds against each other. */
const DEFAULTS: Readonly<Record<string, string>> = {
  config: '.github/deploy-canary.yml',
  environment: 'production',
  force: 'false',
  version: '',
  'job-limit': '6h',
  'owner-has-ended': 'false',
  pending: 'false',
  comment: 'true',
  'github-token': expression('github.token'),
  'check-run-id': expression('job.check_run_id'),
};

/** Where an action has another default than the others. */
const OWN_DEFAULTS: Readonly<Partial<Record<ActionName, Readonly<Record<string, string>>>>> = {
  deploy: { environment: 'staging' },
  'e2e-gate': { environment: 'staging' },
};

/** Inputs without a default in action.yml that the run itself fills in. */
const FROM_RUN: readonly string[] = ['version', 'sha'];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function actionYml(face: (typeof FACES)[number]): string {
  const inputs = rows(face.action).flatMap((row) => [
    `  ${row.name}:`,
    `    description: ${quoted(row.description)}`,
    `    required: ${row.required && !FROM_RUN.includes(row.name)}`,
    ...(row.fallback === '' ? [] : [`    default: ${quoted(row.fallback)}`]),
  ]);
  const outputs = Object.entries(OUTPUTS[face.action]).flatMap(([name, text]) => [
    `  ${name}:`,
    `    description: ${quoted(text)}`,
  ]);
  return [
    '# Generated from src/actions/inputs.ts by `npm run generate`.',
    `name: ${quoted(face.title)}`,
    `description: ${quoted(face.description)}`,
    'author: SHINE',
    'branding: { icon: activity, color: green }',
    'inputs:',
    ...inputs,
    'outputs:',
    ...outputs,
    'runs:',
    '  using: node24',
    `  main: ${face.entries}main.mjs`,
    ...(face.post ? [`  post: ${face.entries}post.mjs`] : []),
    '',
  ].join('\n');
}

/** The tables of inputs and outputs, as they stand in the README of an action. */
export function actionTables(action: ActionName): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const inputs = rows(action).map(
    (row) =>
      `| \`${row.name}\` | ${cell(row.description)} | ${row.required && !FROM_RUN.includes(row.name) ? 'required' : row.fallback === '' ? '' : `\`${row.fallback}\``} |`,
  );
  const outputs = Object.entries(OUTPUTS[action]).map(([name, text]) => `| \`${name}\` | ${cell(text)} |`);
  return [
    '| input | what it is | default |',
    '|---|---|---|',
    ...inputs,
    '',
    '| output | what it is |',
    '|---|---|',
    ...outputs,
  ].join('\n');
}

/** Every generated action.yml by its path. */
export function actionFiles(): Record<string, string> {
  return Object.fromEntries(
    FACES.map((face) => [face.folder === '.' ? 'action.yml' : `${face.folder}/action.yml`, actionYml(face)]),
  );
}

const START = '<!-- tables: generated by npm run generate -->';
const END = '<!-- end of tables -->';

/** A README with its tables renewed between the markers. */
export function withTables(readme: string, action: ActionName): string {
  const [before, rest] = readme.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined)
    throw new Error(`expected the markers ${START} and ${END} in the README of ${action}`);
  return `${before}${START}\n${actionTables(action)}\n${END}${after}`;
}
