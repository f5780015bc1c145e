import { z } from 'zod';
import { decideApproval, type Voice, voiceIn, voicesOfRun } from '../../core/checks/approval.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { branch } from './ci-status.ts';
import { frame, refuse, registered } from './frame.ts';
import { isNamed, people, team } from './people.ts';
import { findPull } from './review.ts';

const config = z
  .strictObject({
    check: z.literal('approval').describe('Somebody who may has said yes to this very commit.'),
    ...frame({ title: 'Deployment approval', timeout: '30s' }),
    from: z
      .enum(['environment', 'comment', 'review'])
      .prefault('environment')
      .describe(
        '`environment`: a reviewer of the environment has approved this run. `comment`: `/approve <commit>` on the pull request or the issue, never edited since. `review`: an approving review of the newest commit of the pull request.',
      ),
    environment: z
      .string()
      .min(1)
      .optional()
      .describe('Whose reviewers count. Default: the environment that is deployed to.'),
    issue: z
      .int()
      .min(1)
      .optional()
      .describe('The issue with the comments. Default: the pull request that brought the commit.'),
    team: team.describe('Only members of this team count. The token must be allowed to read members.'),
    people: people.describe('Only these logins count.'),
    approvals: z.int().min(1).max(10).prefault(1).describe('How many people must say yes.'),
    'allow-self': z.boolean().prefault(false).describe('Whether the one who started the run may approve it.'),
    branch: branch.describe('The branch that the pull request went into. Default: the default branch.'),
  })
  .superRefine(({ from, team: named, people: logins }, context) => {
    if (named !== undefined && logins !== undefined)
      refuse(context, 'either a team or people', 'take one of them away', ['people']);
    if (from === 'comment' && named === undefined && logins === undefined)
      refuse(context, '`team:` or `people:`, because anybody can comment', 'add one of them', ['from']);
  })
  .describe(
    'An approval by name, bound to the commit; never by the one who started the run, unless you say so.',
  );

type Config = z.output<typeof config>;

export const approvalCheckSchema = config.transform((config) =>
  registered(config, async (context, subject) => {
    const facts = context.facts();
    const heard = await hear(config, facts, context, subject);
    const voices = await Promise.all(
      heard.map(async (voice) => ({ ...voice, counts: await counts(config, facts, voice) })),
    );
    const rules = { approvals: config.approvals, allowSelf: config['allow-self'], from: PLACES[config.from] };
    return decideApproval({ sha: subject.sha, starter: subject.actor, voices }, rules);
  }),
);

const PLACES = {
  environment: 'by a reviewer of the environment',
  comment: 'in a comment `/approve <commit>`',
  review: 'in a review',
} as const;

function hear(
  config: Config,
  facts: ForgeFacts,
  context: CheckContext,
  subject: Subject,
): Promise<readonly Voice[]> {
  switch (config.from) {
    case 'environment':
      return inRun(config, facts, subject);
    case 'comment':
      return inComments(config, facts, context, subject);
    case 'review':
      return inReviews(config, facts, context, subject);
  }
}

async function inRun(
  config: Config,
  facts: ForgeFacts,
  { runId, environment }: Subject,
): Promise<readonly Voice[]> {
  if (runId === null) {
    const message =
      'expected a workflow run whose approvals can be read, saw none; run this in GitHub Actions';
    throw new AdapterError('preflight', 'refused', message, { retryable: false });
  }
  const [approvals, commit] = await Promise.all([facts.runApprovals(runId), facts.runCommit(runId)]);
  return voicesOfRun(approvals, config.environment ?? environment, commit);
}

async function inComments(
  config: Config,
  facts: ForgeFacts,
  context: CheckContext,
  subject: Subject,
): Promise<readonly Voice[]> {
  const number = config.issue ?? (await pullFor(config, facts, context, subject))?.number;
  const comments = number === undefined ? [] : await facts.comments(number);
  return comments.flatMap(({ author: by, body, at, url, edited }) => {
    const voice = voiceIn(body);
    return voice === null ? [] : { ...voice, by, at, url, edited, counts: false };
  });
}

async function inReviews(
  config: Config,
  facts: ForgeFacts,
  context: CheckContext,
  subject: Subject,
): Promise<readonly Voice[]> {
  const pull = await pullFor(config, facts, context, subject);
  const reviews = pull === null ? [] : await facts.reviews(pull.number);
  return reviews.flatMap(({ author: by, state, commit, at, url }) => {
    if (pull === null || by === pull.author) return [];
    // What was said of the head of the pull request was said of the commit that brought it in.
    const about = commit === pull.head ? subject.sha : commit;
    const base = { by, at, url, commit: about, counts: false };
    if (state === 'APPROVED') return { ...base, says: 'yes' as const };
    return state === 'CHANGES_REQUESTED' ? { ...base, says: 'no' as const } : [];
  });
}

async function pullFor(config: Config, facts: ForgeFacts, context: CheckContext, subject: Subject) {
  return findPull(facts, context, subject, config.branch ?? (await facts.defaultBranch()));
}

async function counts(
  { team: named, people: logins, from }: Config,
  facts: ForgeFacts,
  { by }: Voice,
): Promise<boolean> {
  if (logins !== undefined) return isNamed(logins, by);
  if (named !== undefined) return facts.isTeamMember(named, by);
  if (from === 'environment') return true;
  return ['admin', 'write'].includes(await facts.permission(by));
}
