import { type Answer, counted, listed } from './answer.ts';
import type { PullRequest, Review } from './forge-facts.ts';

export interface ReviewRules {
  /** Approvals that there must be. */
  readonly approvals: number;
  /** `head`: given for the newest commit. `any`: what still stands counts, as branch protection keeps it. */
  readonly on: 'head' | 'any';
  readonly codeOwners: boolean;
}

/** A file that was changed and the people who own it. */
export interface OwnedFile {
  readonly path: string;
  /** As CODEOWNERS writes them; empty where nobody does. */
  readonly owners: readonly string[];
}

export interface ReviewFacts {
  readonly pull: PullRequest;
  /** In the order in which they were written. */
  readonly reviews: readonly Review[];
  /** `admin`, `maintain`, `write`, …, by login. */
  readonly permissions: ReadonlyMap<string, string>;
  readonly files: readonly OwnedFile[];
  /** Logins that stand behind an owner of a file: a person for himself, a team for its members who reviewed. */
  readonly people: ReadonlyMap<string, readonly string[]>;
}

const MAY_APPROVE = new Set(['admin', 'maintain', 'write']);
/** A comment leaves an earlier opinion as it is. */
const OPINIONS = new Set(['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED']);

/** Whether a change was approved by people who may, of what is deployed. */
export function decideReview(facts: ReviewFacts, rules: ReviewRules): Answer {
  const { pull } = facts;
  const base = { expected: expectedWords(rules), evidence: [{ label: `#${pull.number}`, url: pull.url }] };
  const opinions = latestOpinions(facts);
  const against = opinions.filter(({ state }) => state === 'CHANGES_REQUESTED').map(({ author }) => author);
  if (against.length > 0) {
    const observed = `${listed(against)} asked for changes in #${pull.number}`;
    const fix = 'make the changes and ask for another review';
    return { ...base, status: 'fail', code: 'refused', observed, fix };
  }
  const given = opinions.filter(({ state }) => state === 'APPROVED');
  const counting = given.filter(({ commit }) => rules.on === 'any' || commit === pull.head);
  const names = counting.map(({ author }) => author);
  if (counting.length < rules.approvals) return tooFew(base, facts, given, names);
  const unowned = rules.codeOwners ? filesWithoutOwner(facts, names) : [];
  if (unowned.length > 0) {
    const observed = `no code owner approved ${listed(
      unowned.map(({ path }) => path),
      3,
    )}`;
    const owners = [...new Set(unowned.flatMap((file) => file.owners))];
    return {
      ...base,
      status: 'fail',
      code: 'unapproved',
      observed,
      fix: `ask ${listed(owners)} for a review`,
    };
  }
  const observed = `#${pull.number} approved by ${listed(names)}`;
  return {
    ...base,
    status: 'pass',
    code: 'met',
    observed: rules.approvals === 0 ? `#${pull.number}` : observed,
  };
}

/** A commit that no pull request has brought. */
export function withoutPull(sha: string, rules: ReviewRules): Answer {
  return {
    status: 'fail',
    code: 'missing',
    observed: `no pull request has brought ${sha.slice(0, 7)}`,
    expected: expectedWords(rules),
    fix: 'bring the change in by a pull request, and have it reviewed',
  };
}

function expectedWords({ approvals, on, codeOwners }: ReviewRules): string {
  const where = on === 'head' ? ' of the newest commit' : '';
  return `${counted(approvals, 'approval')}${where}${codeOwners ? ', one of a code owner for each file' : ''}`;
}

function tooFew(
  base: Pick<Answer, 'expected' | 'evidence'>,
  { pull, reviews, permissions }: ReviewFacts,
  given: readonly Review[],
  names: readonly string[],
): Answer {
  const older = given.filter(({ author }) => !names.includes(author)).map(({ author }) => author);
  const approvals = reviews.filter(({ state }) => state === 'APPROVED').map(({ author }) => author);
  const without = [...new Set(approvals)].filter((one) => !MAY_APPROVE.has(permissions.get(one) ?? 'none'));
  const observed = [
    `${counted(names.length, 'approval')} of #${pull.number} that count`,
    ...(older.length === 0 ? [] : [`${listed(older)} approved an older commit`]),
    ...(without.length === 0 ? [] : [`${listed(without)} may not write here`]),
    ...(approvals.includes(pull.author) ? [`${pull.author} is the author`] : []),
  ].join('; ');
  const code = older.length > 0 && names.length === 0 ? 'stale' : 'unapproved';
  const fix = `have #${pull.number} approved by somebody else who may write to the repository`;
  return { ...base, status: 'fail', code, observed, fix };
}

/** The last opinion of each person whose opinion counts. */
function latestOpinions({ pull, reviews, permissions }: ReviewFacts): Review[] {
  const byAuthor = new Map<string, Review>();
  for (const review of reviews) {
    const known = byAuthor.get(review.author);
    // Approving an older commit as well takes nothing back.
    const isLess = review.state === 'APPROVED' && known?.state === 'APPROVED' && known.commit === pull.head;
    if (OPINIONS.has(review.state) && !isLess) byAuthor.set(review.author, review);
  }
  return [...byAuthor.values()].filter(
    ({ author }) => author !== pull.author && MAY_APPROVE.has(permissions.get(author) ?? 'none'),
  );
}

function filesWithoutOwner({ files, people }: ReviewFacts, approvers: readonly string[]): OwnedFile[] {
  return files.filter(
    ({ owners }) =>
      owners.length > 0 &&
      !owners.some((owner) => (people.get(owner) ?? []).some((one) => approvers.includes(one))),
  );
}

/** The pull request that brought a commit: the one whose merge made it, else one that ends in it, else a merged one that holds it. */
export function pullOf(sha: string, pulls: readonly PullRequest[]): PullRequest | null {
  const merged = pulls.filter((pull) => pull.merged);
  return (
    merged.find((pull) => pull.mergeCommit === sha) ??
    merged.find((pull) => pull.head === sha) ??
    pulls.find((pull) => pull.state === 'open' && pull.head === sha) ??
    merged[0] ??
    null
  );
}

/** The pull request of a merge queue's own branch: `refs/heads/gh-readonly-queue/main/pr-12-<sha>`. */
export function queuedPull(ref: string): number | null {
  const [, number] = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d+)-[0-9a-f]{40}$/.exec(ref) ?? [];
  return number === undefined ? null : Number(number);
}
