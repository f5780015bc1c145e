import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCodeOwners } from '../../../src/core/checks/code-owners.ts';
import type { PullRequest, Review } from '../../../src/core/checks/forge-facts.ts';
import { decideReview, pullOf, queuedPull, type ReviewFacts } from '../../../src/core/checks/review.ts';
import { OTHER_SHA, SHA } from '../../support/gate-subject.ts';
import { vectors } from '../../support/vectors.ts';

const HEAD = 'a'.repeat(40);
const OLD = 'b'.repeat(40);

const row = z.strictObject({
  what: z.string(),
  approvals: z.number().default(1),
  on: z.enum(['head', 'any']).default('head'),
  codeOwners: z.boolean().default(false),
  files: z.array(z.strictObject({ path: z.string(), owners: z.array(z.string()) })).default([]),
  reviews: z.array(
    z.strictObject({ by: z.string(), state: z.string(), commit: z.enum(['head', 'old']).default('head') }),
  ),
  status: z.string(),
  code: z.string(),
  observed: z.string(),
});

const pull: PullRequest = {
  number: 12,
  author: 'ada',
  base: 'main',
  head: HEAD,
  state: 'open',
  merged: false,
  mergeCommit: null,
  body: '',
  url: 'https://github.com/shine/booking/pull/12',
};

const permissions = new Map([
  ['ada', 'admin'],
  ['bob', 'write'],
  ['eve', 'admin'],
  ['guest', 'read'],
]);
const people = new Map([
  ['@ada', ['ada']],
  ['@bob', ['bob']],
  ['@eve', ['eve']],
  ['@shine/web', ['bob']],
  ['@shine/api', []],
]);

function review(author: string, state: string, commit: string, id = 0): Review {
  return { id, author, state, commit, at: id, url: '' };
}

describe('a review', () => {
  it.each(vectors('review', row))('$what', (one) => {
    const reviews = one.reviews.map(({ by, state, commit }, at) =>
      review(by, state, commit === 'head' ? HEAD : OLD, at),
    );
    const facts = { pull, reviews, permissions, files: one.files, people };
    const { status, code, observed } = decideReview(facts, one);
    expect({ status, code, observed }).toEqual({
      status: one.status,
      code: one.code,
      observed: one.observed,
    });
  });
});

describe('over random histories of reviews', () => {
  const opinion = fc.record({
    author: fc.constantFrom('ada', 'bob', 'eve', 'guest', 'mallory'),
    state: fc.constantFrom<string>('APPROVED', 'APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED'),
    commit: fc.constantFrom(HEAD, HEAD, OLD),
  });
  const given = fc.record({
    reviews: fc.array(opinion, { maxLength: 8 }),
    approvals: fc.integer({ min: 0, max: 3 }),
    on: fc.constantFrom('head' as const, 'any' as const),
    codeOwners: fc.boolean(),
    owners: fc.subarray(['@ada', '@bob', '@eve', '@shine/web']),
  });
  type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;
  const decide = ({ reviews, owners, ...rules }: Given): string => {
    const facts: ReviewFacts = {
      pull,
      reviews: reviews.map(({ author, state, commit }, at) => review(author, state, commit, at)),
      permissions,
      people,
      files: [{ path: 'a', owners }],
    };
    return decideReview(facts, rules).status;
  };

  it('taking an approval away never turns a no into a yes', () => {
    fc.assert(
      fc.property(given, fc.nat(), (one, at) => {
        const approvals = one.reviews.filter(({ state }) => state === 'APPROVED');
        const gone = approvals[at % Math.max(1, approvals.length)];
        if (gone === undefined || decide(one) === 'pass') return;
        // What came before an approval was taken back by it; a person takes away the last word only.
        const isLast = one.reviews.findLast(({ author }) => author === gone?.author) === gone;
        if (!isLast) return;
        expect(decide({ ...one, reviews: one.reviews.filter((other) => other !== gone) })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('dismissing an approval never turns a no into a yes', () => {
    fc.assert(
      fc.property(given, fc.nat(), (one, at) => {
        const index = at % Math.max(1, one.reviews.length);
        if (!(one.reviews[index]?.state === 'APPROVED' && decide(one) !== 'pass')) return;
        const reviews = one.reviews.map((other, place) =>
          place === index ? { ...other, state: 'DISMISSED' } : other,
        );
        expect(decide({ ...one, reviews })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('asking for more never turns a no into a yes', () => {
    fc.assert(
      fc.property(given, (one) => {
        if (decide(one) === 'pass') return;
        expect(decide({ ...one, approvals: one.approvals + 1 })).not.toBe('pass');
        expect(decide({ ...one, codeOwners: true })).not.toBe('pass');
        expect(decide({ ...one, on: 'head' })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });
});

describe('the pull request that brought a commit', () => {
  const merged = { ...pull, state: 'closed', merged: true } as const;

  it('is the one whose merge made it', () => {
    const other = { ...merged, number: 3 };
    const right = { ...merged, number: 4, mergeCommit: SHA };
    expect(pullOf(SHA, [other, right])?.number).toBe(4);
  });

  it('is an open one that ends in it, but none that ends elsewhere', () => {
    expect(pullOf(HEAD, [pull])?.number).toBe(12);
    expect(pullOf(OTHER_SHA, [pull])).toBeNull();
  });

  it('is none that was closed without a merge', () => {
    expect(pullOf(HEAD, [{ ...pull, state: 'closed' }])).toBeNull();
  });

  it('in a merge queue is named by the branch of the queue', () => {
    expect(queuedPull(`refs/heads/gh-readonly-queue/main/pr-12-${SHA}`)).toBe(12);
    expect(queuedPull(`refs/heads/gh-readonly-queue/release/1.x/pr-7-${SHA}`)).toBe(7);
    expect(queuedPull(`refs/heads/mine/gh-readonly-queue/main/pr-12-${SHA}`)).toBeNull();
    expect(queuedPull('refs/heads/main')).toBeNull();
  });
});

describe('CODEOWNERS', () => {
  const file = `# who looks after what
*       @everybody
*.js    @js @shine/web   # front end
/build/logs/ @logs
docs/*  @docs
apps/   @apps
/scripts/ @scripts
**/logs @deep
/apps/github
/a\\ b.txt @space
src/**/gen @gen
![x] @never
config/?.yml @one
`;
  const ownersOf = readCodeOwners(file);

  it.each([
    ['README.md', ['@everybody']],
    ['web/x.js', ['@js', '@shine/web']],
    ['build/logs/today.txt', ['@deep']],
    ['x/build/logs2/a.txt', ['@everybody']],
    ['docs/a.md', ['@docs']],
    ['docs/build/a.md', ['@everybody']],
    ['x/docs/a.md', ['@everybody']],
    ['apps/a.rb', ['@apps']],
    ['x/apps/y/a.rb', ['@apps']],
    ['scripts/a.sh', ['@scripts']],
    ['x/scripts/a.sh', ['@everybody']],
    ['deeply/nested/logs/a', ['@deep']],
    ['apps/github', []],
    ['apps/github/x.rb', []],
    ['a b.txt', ['@space']],
    ['src/gen/a', ['@gen']],
    ['src/x/y/gen/a', ['@gen']],
    ['config/a.yml', ['@one']],
    ['config/ab.yml', ['@everybody']],
  ])('%s belongs to %j', (path, owners) => {
    expect(ownersOf(path)).toEqual(owners);
  });

  it('without lines owns nothing', () => {
    expect(readCodeOwners('\n# nobody\n')('a')).toEqual([]);
  });
});
