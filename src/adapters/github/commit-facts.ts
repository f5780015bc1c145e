import { z } from 'zod';
import type { Tag } from '../../core/checks/forge-facts.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { allOf, remembered } from './all-pages.ts';
import { branchRules } from './branch-rules.ts';

type CommitFacts = Pick<
  ForgeFacts,
  | 'defaultBranch'
  | 'checkRuns'
  | 'commitStatuses'
  | 'branchRules'
  | 'fileAt'
  | 'deployments'
  | 'deploymentStatuses'
  | 'tag'
  | 'pushedAt'
>;

export const instant = z.string().transform((text) => Date.parse(text));

const RUN_IN_LINK = /\/actions\/runs\/(\d+)/;

const checkRuns = z
  .object({
    check_runs: z.array(
      z.object({
        id: z.number(),
        name: z.string(),
        status: z.string(),
        conclusion: z.string().nullable(),
        html_url: z.string().nullish(),
        details_url: z.string().nullish(),
        app: z.object({ id: z.number() }).nullable(),
      }),
    ),
  })
  .transform(({ check_runs: runs }) =>
    runs.map(({ id, name, status, conclusion, app, ...links }) => {
      const url = links.details_url ?? links.html_url ?? null;
      const run = RUN_IN_LINK.exec(url ?? '')?.[1];
      const workflowRun = run === undefined ? null : Number(run);
      return { id, name, status, conclusion, url, workflowRun, app: app?.id ?? 0 };
    }),
  );

/** When each was made: GitHub makes one for each app as soon as a commit is pushed. */
const checkSuites = z
  .object({ check_suites: z.array(z.object({ created_at: instant.nullable() })) })
  .transform(({ check_suites: suites }) => suites.flatMap(({ created_at: at }) => at ?? []));

const commitStatuses = z.array(
  z
    .object({
      id: z.number(),
      context: z.string(),
      state: z.string(),
      description: z.string().nullable(),
      target_url: z.string().nullable(),
      creator: z.object({ login: z.string() }).nullable(),
      created_at: instant,
    })
    .transform(({ id, context, state, description, target_url: url, creator, created_at: at }) => {
      return { id, context, state, url, at, description: description ?? '', creator: creator?.login ?? '' };
    }),
);

const deployments = z.array(z.object({ id: z.number(), sha: z.string() }));
const deploymentStatuses = z.array(
  z
    .object({
      state: z.string(),
      created_at: instant,
      log_url: z.string().nullish(),
      environment_url: z.string().nullish(),
    })
    .transform(({ state, created_at: at, log_url: log, environment_url: place }) => {
      return { state, at, url: log || place || null };
    }),
);

const file = z.object({ type: z.literal('file'), encoding: z.string(), content: z.string() });

/** What GitHub knows of commits, branches and deployments. */
export function commitFacts(forge: Forge, signal: AbortSignal): CommitFacts {
  return {
    defaultBranch: remembered(async () => {
      const answer = z.object({ default_branch: z.string() });
      return (await forge.request({ route: 'GET /repos/{owner}/{repo}', answer }, signal)).default_branch;
    }),
    checkRuns: remembered((ref) => {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
      return allOf(forge, { route, params: { ref, filter: 'latest' }, answer: checkRuns }, signal);
    }),
    commitStatuses: remembered((ref) => {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/statuses';
      return allOf(forge, { route, params: { ref }, answer: commitStatuses }, signal);
    }),
    branchRules: remembered((branch) => branchRules(forge, branch, signal)),
    fileAt: remembered((path, ref) => fileAt(forge, path, ref, signal)),
    deployments: remembered((environment) => {
      const route = 'GET /repos/{owner}/{repo}/deployments';
      return forge.paginate({ route, params: { environment }, answer: deployments }, 30, signal);
    }),
    deploymentStatuses: remembered((deployment_id) => {
      const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
      return allOf(forge, { route, params: { deployment_id }, answer: deploymentStatuses }, signal);
    }),
    tag: remembered((name) => tag(forge, name, signal)),
    pushedAt: remembered(async (ref) => {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-suites';
      const found = await allOf(forge, { route, params: { ref }, answer: checkSuites }, signal);
      return found.length === 0 ? null : Math.min(...found);
    }),
  };
}

async function fileAt(forge: Forge, path: string, ref: string, signal: AbortSignal): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/contents/{path}';
  const found = await forge.attempt({ route, params: { path, ref }, answer: file }, signal);
  if (found.kind === 'refused') return null;
  const { encoding, content } = found.data;
  if (encoding === 'base64') return Buffer.from(content, 'base64').toString('utf8');
  const message = `expected the content of ${path}, saw none: GitHub gives none of files above 1 MB; make it smaller`;
  throw new AdapterError('github', 'invalid-answer', message, { retryable: false });
}

const reference = z.object({ object: z.object({ type: z.string(), sha: z.string() }) });
const annotated = z.object({
  object: z.object({ type: z.string(), sha: z.string() }),
  verification: z.object({ verified: z.boolean(), reason: z.string() }).optional(),
});

async function tag(forge: Forge, name: string, signal: AbortSignal): Promise<Tag | null> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
  const found = await forge.attempt({ route, params: { ref: `tags/${name}` }, answer: reference }, signal);
  if (found.kind === 'refused') return null;
  const { type, sha } = found.data.object;
  if (type !== 'tag') return { commit: sha, signature: null };
  const call = {
    route: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
    params: { tag_sha: sha },
    answer: annotated,
  };
  const { object, verification } = await forge.request(call, signal);
  return { commit: object.sha, signature: verification ?? { verified: false, reason: 'unsigned' } };
}
