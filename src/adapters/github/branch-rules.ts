import { z } from 'zod';
import type { BranchRules, RequiredCheck } from '../../core/checks/forge-facts.ts';
import type { Forge } from '../../ports/forge.ts';
import { allOf } from './all-pages.ts';

const rule = z.object({
  type: z.string(),
  parameters: z
    .object({
      required_status_checks: z
        .array(z.object({ context: z.string(), integration_id: z.number().nullish() }))
        .optional(),
      required_approving_review_count: z.number().optional(),
      require_code_owner_review: z.boolean().optional(),
    })
    .optional(),
});

const branch = z.object({
  protection: z
    .object({
      required_status_checks: z
        .object({
          contexts: z.array(z.string()).optional(),
          checks: z.array(z.object({ context: z.string(), app_id: z.number().nullish() })).optional(),
        })
        .nullish(),
    })
    .nullish(),
});

/** https://docs.github.com/graphql/reference/objects#refupdaterule: classic protection as far as non-admins may see it. */
const classicRule = z.object({
  ref: z.object({
    refUpdateRule: z
      .object({
        requiredApprovingReviewCount: z.number().nullable(),
        requiredStatusCheckContexts: z.array(z.string().nullable()).nullable(),
        requiresCodeOwnerReviews: z.boolean(),
      })
      .nullable(),
  }),
});

const CLASSIC_FIELDS = `ref(qualifiedName: $ref) {
  refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts requiresCodeOwnerReviews }
}`;

type Ruleset = z.output<typeof rule>;
type Branch = z.output<typeof branch>;
type ClassicRule = z.output<typeof classicRule>['ref']['refUpdateRule'];

/** What rulesets and classic protection ask together, as anybody may read it who may read the repository. */
export async function branchRules(forge: Forge, name: string, signal: AbortSignal): Promise<BranchRules> {
  const params = { branch: name };
  const rulesets = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
  const classic = {
    name: 'BranchRules',
    fields: CLASSIC_FIELDS,
    takes: '$ref: String!',
    variables: { ref: `refs/heads/${name}` },
    answer: classicRule,
  };
  const [rules, answer, { ref }] = await Promise.all([
    allOf(forge, { route: rulesets, params, answer: z.array(rule) }, signal),
    forge.request({ route: 'GET /repos/{owner}/{repo}/branches/{branch}', params, answer: branch }, signal),
    forge.query(classic, signal),
  ]);
  return {
    checks: checksAsked(rules, answer, ref.refUpdateRule),
    reviews: reviewsAsked(rules, ref.refUpdateRule),
  };
}

function checksAsked(rules: readonly Ruleset[], { protection }: Branch, classic: ClassicRule) {
  const byRuleset = rules
    .flatMap(({ type, parameters }) => (type === 'required_status_checks' ? [parameters] : []))
    .flatMap((one) => one?.required_status_checks ?? [])
    .map(({ context, integration_id: app }): RequiredCheck => ({ name: context, app: app ?? null }));
  const told = protection?.required_status_checks;
  const byProtection = (told?.checks ?? []).map(({ context, app_id: app }): RequiredCheck => {
    return { name: context, app: isApp(app) ? app : null };
  });
  const known = new Set(byProtection.map(({ name }) => name));
  // Names without an app say less than the same names with one.
  const named = [...(told?.contexts ?? []), ...(classic?.requiredStatusCheckContexts ?? [])];
  const more = [...new Set(named)].flatMap((name): RequiredCheck[] =>
    name === null || known.has(name) ? [] : [{ name, app: null }],
  );
  return [...byRuleset, ...byProtection, ...more];
}

function reviewsAsked(rules: readonly Ruleset[], classic: ClassicRule): BranchRules['reviews'] {
  const byRuleset = rules.flatMap(({ type, parameters }) => (type === 'pull_request' ? [parameters] : []));
  const isClassic = classic?.requiresCodeOwnerReviews === true;
  const count = classic?.requiredApprovingReviewCount ?? null;
  if (byRuleset.length === 0 && count === null && !isClassic) return null;
  return {
    approvals: Math.max(count ?? 0, ...byRuleset.map((one) => one?.required_approving_review_count ?? 0)),
    codeOwners: isClassic || byRuleset.some((one) => one?.require_code_owner_review === true),
  };
}

/** GitHub writes -1 where any app will do. */
function isApp(app: number | null | undefined): app is number {
  return typeof app === 'number' && app >= 0;
}
