import { z } from 'zod';
import { readCodeOwners } from '../../core/checks/code-owners.ts';
import type { PullRequest, Review } from '../../core/checks/forge-facts.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { decideReview, type OwnedFile, pullOf, queuedPull, withoutPull } from '../../core/checks/review.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { branch } from './ci-status.ts';
import { frame, registered } from './frame.ts';

export const reviewCheckSchema = z
  .strictObject({
    check: z.literal('review').describe('The change was approved by people who may.'),
    ...frame({ title: 'Code review', timeout: '60s' }),
    approvals: z
      .int()
      .min(0)
      .max(10)
      .prefault(1)
      .describe('How many there must be. Where a ruleset of the branch asks for more, that counts.'),
    on: z
      .enum(['head', 'any'])
      .prefault('head')
      .describe(
        '`head`: given for the newest commit of the pull request. `any`: whatever GitHub has not dismissed.',
      ),
    'code-owners': z
      .enum(['as-required', 'always', 'never'])
      .prefault('as-required')
      .describe(
        'Whether each changed file needs a code owner. `as-required`: where a ruleset of the branch says so.',
      ),
    branch: branch.describe('The branch that the pull request went into. Default: the default branch.'),
  })
  .describe(
    'Finds the pull request that brought the commit, by merge or merge queue, and counts its approvals.',
  )
  .transform((config) =>
    registered(config, async (context, subject) => {
      const facts = context.facts();
      const base = config.branch ?? (await facts.defaultBranch());
      const [{ reviews: asked }, pull] = await Promise.all([
        facts.branchRules(base),
        findPull(facts, context, subject, base),
      ]);
      const ownersAsked = asked?.codeOwners === true && config['code-owners'] === 'as-required';
      const codeOwners = config['code-owners'] === 'always' || ownersAsked;
      const approvals = Math.max(config.approvals, asked?.approvals ?? 0);
      const rules = { approvals, on: config.on, codeOwners };
      if (pull === null) return withoutPull(subject.sha, rules);
      const reviews = await facts.reviews(pull.number);
      const permissions = await permissionsOf(facts, reviews);
      const files = codeOwners ? await ownedFiles(facts, pull) : [];
      const people = await ownersAmong(facts, files, reviews);
      return decideReview({ pull, reviews, permissions, files, people }, rules);
    }),
  );

export async function findPull(
  facts: ForgeFacts,
  { env }: CheckContext,
  { sha, ref }: Subject,
  base: string,
): Promise<PullRequest | null> {
  const pulls = (await facts.pullsOfCommit(sha)).filter((pull) => pull.base === base);
  const found = pullOf(sha, pulls);
  if (found !== null) return found;
  // The ref of the run only speaks for the commit of the run.
  const queued = env.GITHUB_SHA === sha ? queuedPull(ref) : null;
  if (queued === null) return null;
  const pull = await facts.pull(queued);
  return pull.base === base ? pull : null;
}

async function permissionsOf(
  facts: ForgeFacts,
  reviews: readonly Review[],
): Promise<ReadonlyMap<string, string>> {
  const authors = [...new Set(reviews.map(({ author }) => author))];
  return new Map(await Promise.all(authors.map(async (one) => [one, await facts.permission(one)] as const)));
}

/** Where GitHub looks for the file, in this order. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

async function ownedFiles(facts: ForgeFacts, pull: PullRequest): Promise<OwnedFile[]> {
  let text: string | null = null;
  for (const place of PLACES) text ??= await facts.fileAt(place, pull.base);
  if (text === null) return [];
  const ownersOf = readCodeOwners(text);
  const paths = await facts.changedFiles(pull.number);
  return paths.map((path) => ({ path, owners: ownersOf(path) }));
}

/** An owner named by e-mail cannot be told from here, and stands for nobody. */
async function ownersAmong(
  facts: ForgeFacts,
  files: readonly OwnedFile[],
  reviews: readonly Review[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const owners = [...new Set(files.flatMap((file) => file.owners))];
  const authors = [
    ...new Set(reviews.filter(({ state }) => state === 'APPROVED').map(({ author }) => author)),
  ];
  const among = async (owner: string): Promise<readonly string[]> => {
    const name = owner.slice(1);
    if (!owner.startsWith('@')) return [];
    if (!name.includes('/')) return authors.filter((one) => one.toLowerCase() === name.toLowerCase());
    const members = await Promise.all(authors.map((one) => facts.isTeamMember(name, one)));
    return authors.filter((_, at) => members[at] === true);
  };
  return new Map(await Promise.all(owners.map(async (owner) => [owner, await among(owner)] as const)));
}
