import { z } from 'zod';
import { type Answer, listed } from '../../core/checks/answer.ts';
import { type CheckboxRules, decideCheckbox } from '../../core/checks/checkbox.ts';
import type { BodyHistory } from '../../core/checks/forge-facts.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { formatDuration } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { branch } from './ci-status.ts';
import { frame, refuse, registered, span } from './frame.ts';
import { isNamed, people, team } from './people.ts';
import { findPull } from './review.ts';

const config = z
  .strictObject({
    check: z.literal('checkbox').describe('A person has ticked an item.'),
    ...frame({ title: 'Ticked item', timeout: '30s' }),
    text: z.string().min(3).describe('Text of the item, or a part of it.'),
    issue: z
      .int()
      .min(1)
      .optional()
      .describe('The issue with the item. Default: the pull request that brought the commit.'),
    branch: branch.describe('The branch that the pull request went into. Default: the default branch.'),
    team: team.describe('Only a member of this team may tick it. The token must be allowed to read members.'),
    people: people.describe('Only these logins may tick it.'),
    'allow-self': z
      .boolean()
      .prefault(true)
      .describe('Whether the one who started the run may have ticked it.'),
    'allow-author': z
      .boolean()
      .prefault(true)
      .describe('Whether the author of the pull request or issue may have ticked it.'),
    'max-age': span('24h').optional().describe('How long ago it may have been ticked.'),
    'since-commit': z
      .boolean()
      .prefault(false)
      .describe(
        'It must have been ticked after the commit was pushed: of a pull request the newest one of it, of an issue the one that is deployed.',
      ),
  })
  .superRefine(({ team: named, people: logins }, context) => {
    if (named !== undefined && logins !== undefined)
      refuse(context, 'either a team or people', 'take one of them away', ['people']);
  })
  .describe(
    'Looks for a ticked item `- [x] …` in the body of the pull request or of an issue, and in its edit history for who ticked it and when.',
  );

type Config = z.output<typeof config>;

export const checkboxCheckSchema = config.transform((config) =>
  registered(config, async (context, subject) => {
    const facts = context.facts();
    const place = await placeOf(config, facts, context, subject);
    return place === null ? nowhere(config, subject) : lookAt(place, config, facts, subject);
  }),
);

interface Place {
  readonly kind: 'issue' | 'pull';
  readonly number: number;
  readonly body: string;
  readonly url: string;
  /** What a tick in it is about. */
  readonly commit: string;
}

async function placeOf(
  { issue, branch: named }: Config,
  facts: ForgeFacts,
  context: CheckContext,
  subject: Subject,
): Promise<Place | null> {
  if (issue !== undefined) return { kind: 'issue', commit: subject.sha, ...(await facts.issue(issue)) };
  const pull = await findPull(facts, context, subject, named ?? (await facts.defaultBranch()));
  return pull === null ? null : { kind: 'pull', commit: pull.head, ...pull };
}

function nowhere({ text }: Config, { sha }: Subject): Answer {
  return {
    status: 'fail',
    code: 'missing',
    observed: `no pull request has brought ${sha.slice(0, 7)}`,
    expected: `"${text}" ticked in the pull request`,
    fix: 'name the issue with the item in `issue:`',
  };
}

async function lookAt(place: Place, config: Config, facts: ForgeFacts, subject: Subject): Promise<Answer> {
  const rules = await rulesOf(config, place, facts, subject);
  const history = await historyOf(place, facts, rules);
  const editors = [...new Set((history?.edits ?? []).map(({ by }) => by))];
  const bars = await Promise.all(
    editors.map(async (by) => [by, await barOf(config, facts, subject, by, history?.author)] as const),
  );
  const barred = new Map(bars);
  const bar = (login: string): string | null => barred.get(login) ?? null;
  const { body, url, number } = place;
  return decideCheckbox({ body, url, label: `#${number}`, now: subject.now, history, bar }, rules);
}

async function rulesOf(
  config: Config,
  { commit }: Place,
  facts: ForgeFacts,
  subject: Subject,
): Promise<CheckboxRules> {
  const { text, 'max-age': age } = config;
  const sinces = [
    ...(age === undefined ? [] : [{ at: subject.now - age, what: `at most ${formatDuration(age)} ago` }]),
    ...(config['since-commit']
      ? [{ at: await pushOf(commit, facts), what: `after ${commit.slice(0, 7)} was pushed` }]
      : []),
  ];
  const [since = null] = sinces.toSorted((one, other) => other.at - one.at);
  const who = whoIn(config, subject);
  return { text, since, who, asksWho: who.length > 0 || since !== null };
}

function whoIn(config: Config, { actor }: Subject): string[] {
  const { team: named, people: logins } = config;
  if (!config['allow-self'] && actor === '') {
    const message = 'expected to know who started the run, saw nobody; run this in GitHub Actions';
    throw new AdapterError('preflight', 'refused', message, { retryable: false });
  }
  return [
    ...(named === undefined ? [] : [`by a member of ${named}`]),
    ...(logins === undefined ? [] : [`by ${listed(logins)}`]),
    ...(config['allow-self'] ? [] : [`not by ${actor}, who started the run`]),
    ...(config['allow-author'] ? [] : ['not by its author']),
  ];
}

/** The date in a commit is its author's own word, and proves nothing. */
async function pushOf(commit: string, facts: ForgeFacts): Promise<number> {
  const at = await facts.pushedAt(commit);
  if (at !== null) return at;
  const message = `expected a check suite of ${commit.slice(0, 7)}, by whose time GitHub tells when it was pushed, saw none; take \`since-commit\` away, or let a workflow run for it`;
  throw new AdapterError('preflight', 'invalid-answer', message, { retryable: false });
}

/** Where nobody asks for a person, an item is ticked whether the history can be read or not. */
async function historyOf(
  { kind, number }: Place,
  facts: ForgeFacts,
  { asksWho }: CheckboxRules,
): Promise<BodyHistory | null> {
  try {
    return await facts.bodyHistory(kind, number);
  } catch (error) {
    if (asksWho || !(error instanceof AdapterError)) throw error;
    return null;
  }
}

/** Why this login may not have ticked it. GitHub calls everybody `ghost` whose account is gone. */
async function barOf(
  config: Config,
  facts: ForgeFacts,
  subject: Subject,
  login: string,
  author = '',
): Promise<string | null> {
  const { team: named, people: logins } = config;
  if (login === 'ghost' && whoIn(config, subject).length > 0) return 'is nobody who could be asked';
  if (!config['allow-self'] && isNamed([subject.actor], login)) return 'started the run';
  if (!config['allow-author'] && isNamed([author], login)) return 'is the author';
  if (logins !== undefined && !isNamed(logins, login)) return 'may not tick it';
  return named === undefined || (await facts.isTeamMember(named, login)) ? null : `is not in ${named}`;
}
