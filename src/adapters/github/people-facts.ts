import { z } from 'zod';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { allOf, remembered } from './all-pages.ts';
import { instant } from './commit-facts.ts';

type PeopleFacts = Pick<
  ForgeFacts,
  | 'pullsOfCommit'
  | 'pull'
  | 'reviews'
  | 'permission'
  | 'changedFiles'
  | 'runCommit'
  | 'runApprovals'
  | 'isTeamMember'
  | 'comments'
  | 'issue'
  | 'openIssues'
>;

/** GitHub lists no more files of a pull request. */
const MOST_FILES = 3_000;

/** A deleted account is GitHub's own `ghost`. */
const login = z
  .object({ login: z.string() })
  .nullish()
  .transform((user) => user?.login ?? 'ghost');

const pull = z
  .object({
    number: z.number(),
    user: login,
    base: z.object({ ref: z.string() }),
    head: z.object({ sha: z.string() }),
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    merge_commit_sha: z.string().nullish(),
    body: z.string().nullish(),
    html_url: z.string(),
  })
  .transform(({ number, user, base, head, state, body, html_url: url, ...merge }) => ({
    number,
    author: user,
    base: base.ref,
    head: head.sha,
    state,
    merged: typeof merge.merged_at === 'string',
    mergeCommit: merge.merge_commit_sha ?? null,
    body: body ?? '',
    url,
  }));

const review = z
  .object({
    id: z.number(),
    user: login,
    state: z.string(),
    commit_id: z.string().nullish(),
    submitted_at: instant.optional(),
    html_url: z.string(),
  })
  .transform(({ id, user, state, commit_id: commit, submitted_at: at, html_url: url }) => {
    return { id, author: user, state, commit: commit ?? null, at: at ?? 0, url };
  });

const changedFile = z.object({ filename: z.string(), previous_filename: z.string().optional() });

const comment = z
  .object({
    user: login,
    body: z.string().nullish(),
    created_at: instant,
    updated_at: instant,
    html_url: z.string(),
  })
  .transform(({ user, body, created_at: at, updated_at: last, html_url: url }) => ({
    author: user,
    body: body ?? '',
    at,
    edited: last > at,
    url,
  }));

const issue = z
  .object({
    number: z.number(),
    title: z.string(),
    body: z.string().nullish(),
    html_url: z.string(),
    pull_request: z.unknown().optional(),
  })
  .transform(({ number, title, body, html_url: url, pull_request: asPull }) => {
    return { number, title, body: body ?? '', url, isPull: asPull !== undefined };
  });

const approval = z
  .object({
    state: z.string(),
    comment: z.string().nullish(),
    user: login,
    environments: z.array(z.object({ name: z.string().optional() })),
  })
  .transform(({ state, comment: said, user, environments }) => ({
    state,
    by: user,
    comment: said ?? '',
    environments: environments.flatMap(({ name }) => name ?? []),
  }));

/** What GitHub knows of pull requests and of what people said. */
export function peopleFacts(forge: Forge, signal: AbortSignal): PeopleFacts {
  const all = <T>(
    route: string,
    params: Readonly<Record<string, unknown>>,
    one: z.ZodType<T>,
    most?: number,
  ) => allOf(forge, { route, params, answer: z.array(one) }, signal, most);
  return {
    pullsOfCommit: remembered((commit_sha) =>
      all('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', { commit_sha }, pull),
    ),
    pull: remembered((pull_number) => {
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
      return forge.request({ route, params: { pull_number }, answer: pull }, signal);
    }),
    reviews: remembered((pull_number) =>
      all('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', { pull_number }, review),
    ),
    permission: remembered(async (username) => {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
      const answer = z.object({ permission: z.string() });
      const found = await forge.attempt({ route, params: { username }, answer }, signal);
      return found.kind === 'done' ? found.data.permission : 'none';
    }),
    changedFiles: remembered(async (pull_number) => {
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
      const files = await all(route, { pull_number }, changedFile, MOST_FILES);
      return files.flatMap(({ filename, previous_filename: before }) => [
        filename,
        ...(before === undefined ? [] : [before]),
      ]);
    }),
    runCommit: remembered(async (run_id) => {
      const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
      const answer = z.object({ head_sha: z.string() });
      return (await forge.request({ route, params: { run_id }, answer }, signal)).head_sha;
    }),
    runApprovals: remembered((run_id) => {
      const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals';
      return forge.request({ route, params: { run_id }, answer: z.array(approval) }, signal);
    }),
    isTeamMember: remembered((team, username) => isTeamMember(forge, team, username, signal)),
    comments: remembered((issue_number) =>
      all('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number }, comment),
    ),
    issue: remembered((issue_number) => {
      const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
      return forge.request({ route, params: { issue_number }, answer: issue }, signal);
    }),
    openIssues: remembered(async (labels) => {
      const found = await all('GET /repos/{owner}/{repo}/issues', { labels, state: 'open' }, issue);
      return found.filter(({ isPull }) => !isPull);
    }),
  };
}

async function isTeamMember(
  forge: Forge,
  team: string,
  username: string,
  signal: AbortSignal,
): Promise<boolean> {
  const [org, team_slug] = team.split('/');
  const route = 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}';
  // A team is nobody's repository: nothing may be filled in.
  const params = { org, team_slug, username, owner: undefined, repo: undefined };
  const answer = z.object({ state: z.string() });
  const found = await forge.attempt({ route, params, answer }, signal);
  return found.kind === 'done' && found.data.state === 'active';
}
