import { z } from 'zod';
import type { BodyEdit, BodyHistory } from '../../core/checks/forge-facts.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { remembered } from './all-pages.ts';
import { instant } from './commit-facts.ts';

/** The most that GitHub puts on a page, and the pages that are turned. */
const PAGE = 100;
const MOST_PAGES = 10;

/** An app is named without `[bot]` here, and with it in the REST API. */
const actor = z
  .object({ __typename: z.string(), login: z.string() })
  .nullable()
  .transform((one) => (one === null ? 'ghost' : one.__typename === 'Bot' ? `${one.login}[bot]` : one.login));

const edit = z
  .object({ editor: actor, editedAt: instant, diff: z.string().nullable(), deletedAt: z.string().nullable() })
  .transform(({ editor: by, editedAt: at, diff, deletedAt }): BodyEdit => {
    return { by, at, body: deletedAt === null ? diff : null };
  });

const page = z.object({
  issueOrPullRequest: z.object({
    author: actor,
    body: z.string(),
    createdAt: instant,
    includesCreatedEdit: z.boolean(),
    userContentEdits: z.object({
      nodes: z.array(edit),
      pageInfo: z.object({ endCursor: z.string().nullable(), hasNextPage: z.boolean() }),
    }),
  }),
});

type Page = z.output<typeof page>['issueOrPullRequest'];

const EDITED = `author { __typename login } body createdAt includesCreatedEdit
userContentEdits(first: ${PAGE}, after: $after) {
  nodes { editor { __typename login } editedAt diff deletedAt }
  pageInfo { endCursor hasNextPage }
}`;
const FIELDS = `issueOrPullRequest(number: $number) {
  ... on Issue { ${EDITED} }
  ... on PullRequest { ${EDITED} }
}`;

/** Who wrote what into the body of an issue or a pull request, and when. The REST API cannot tell. */
export function editFacts(forge: Forge, signal: AbortSignal): Pick<ForgeFacts, 'bodyHistory'> {
  const pageAt = async (kind: 'issue' | 'pull', number: number, after: string | null): Promise<Page> => {
    const query = {
      name: kind === 'issue' ? 'IssueEdits' : 'PullEdits',
      fields: FIELDS,
      takes: '$number: Int!, $after: String',
      variables: { number, after },
      answer: page,
    };
    return (await forge.query(query, signal)).issueOrPullRequest;
  };
  return {
    bodyHistory: remembered(async (kind, number) => {
      const first = await pageAt(kind, number, null);
      const edits = [...first.userContentEdits.nodes];
      let { pageInfo } = first.userContentEdits;
      for (let turned = 1; pageInfo.hasNextPage; turned += 1) {
        if (turned >= MOST_PAGES) throw tooLong(number);
        const next = await pageAt(kind, number, pageInfo.endCursor);
        edits.push(...next.userContentEdits.nodes);
        pageInfo = next.userContentEdits.pageInfo;
      }
      return historyOf(first, edits);
    }),
  };
}

/** GitHub lists edits newest first, the making among them as soon as there is another one. */
function historyOf({ author, body, createdAt, includesCreatedEdit }: Page, edits: readonly BodyEdit[]) {
  const made = { by: author, at: createdAt, body };
  if (edits.length === 0) return { author, body, edits: [made], isWhole: true } satisfies BodyHistory;
  return { author, body, edits: edits.toReversed(), isWhole: includesCreatedEdit } satisfies BodyHistory;
}

function tooLong(number: number): AdapterError {
  const most = PAGE * MOST_PAGES;
  const message = `expected at most ${most} edits of #${number}, saw more; move the item to another issue`;
  return new AdapterError('github', 'invalid-answer', message, { retryable: false });
}
