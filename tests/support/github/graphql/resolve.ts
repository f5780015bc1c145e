import type { BodyEdit, Issue } from '../state/issues.ts';
import type { Repository, World } from '../state/world.ts';
import { findRepository, fullName } from '../state/world.ts';
import { type Asker, authorizeField, Told } from './told.ts';

/** https://docs.github.com/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api: 1 to 100 of a connection. */
const MOST = 100;

/** What the fields of `Query` are resolved from. */
export function rootOf(world: World) {
  return {
    repository: ({ owner, name }: { readonly owner: string; readonly name: string }, asker: Asker) => {
      const found = findRepository(world, `${owner}/${name}`);
      const isOutside = found !== undefined && asker.token.repositories?.includes(fullName(found)) === false;
      if (found !== undefined && !(isOutside && found.private)) return repositoryNode(found);
      throw new Told('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
  };
}

function repositoryNode(repository: Repository) {
  return {
    ref: ({ qualifiedName }: { readonly qualifiedName: string }, asker: Asker) => {
      authorizeField(asker, 'graphql/Repository.ref');
      const name = qualifiedName.replace('refs/heads/', '');
      return repository.refs.has(`refs/heads/${name}`)
        ? { name, refUpdateRule: ruleOf(repository, name) }
        : null;
    },
    issueOrPullRequest: ({ number }: { readonly number: number }, asker: Asker) => {
      const found = repository.issues.get(number);
      const kind = found?.isPull === true ? 'PullRequest' : 'Issue';
      authorizeField(asker, `graphql/Repository.issueOrPullRequest:${kind}`);
      if (found !== undefined) return issueNode(found, kind);
      throw new Told(
        'NOT_FOUND',
        `Could not resolve to an issue or pull request with the number of ${number}.`,
      );
    },
  };
}

/** https://docs.github.com/graphql/reference/objects#refupdaterule: of classic protection, readable by non-admins. */
function ruleOf({ protections }: Repository, branch: string) {
  const found = protections.get(branch);
  if (found === undefined) return null;
  return {
    requiredApprovingReviewCount: found.approvals,
    requiredStatusCheckContexts: found.requiredChecks,
    requiresCodeOwnerReviews: found.codeOwners,
  };
}

/** An app has the same name in the REST API, with `[bot]` behind it. */
function actor(login: string) {
  const isBot = login.endsWith('[bot]');
  return { __typename: isBot ? 'Bot' : 'User', login: login.replace(/\[bot\]$/, '') };
}

function issueNode({ number, body, creator, createdAt, edits }: Issue, kind: string) {
  return {
    __typename: kind,
    number,
    author: actor(creator),
    body: body ?? '',
    createdAt,
    // What was never edited has no edits, not even the one that made it.
    includesCreatedEdit: edits[0]?.isCreation === true,
    userContentEdits: (page: Page) => connection(edits.toReversed().map(editNode), page),
  };
}

function editNode({ by, at, body, deletedBy }: BodyEdit) {
  const isDeleted = deletedBy !== undefined;
  return {
    editor: by === null ? null : actor(by),
    editedAt: at,
    diff: isDeleted ? null : body,
    deletedAt: isDeleted ? at : null,
  };
}

interface Page {
  readonly first?: number | null;
  readonly after?: string | null;
}

function connection<T>(all: readonly T[], { first, after }: Page) {
  if (typeof first !== 'number') {
    const message =
      'You must provide a `first` or `last` value to properly paginate the `userContentEdits` connection.';
    throw new Told('MISSING_PAGINATION_BOUNDARIES', message);
  }
  if (first < 1 || first > MOST) {
    const message = `Requesting ${first} records on the \`userContentEdits\` connection exceeds the \`first\` limit of ${MOST} records.`;
    throw new Told('EXCESSIVE_PAGINATION', message);
  }
  const from = after === undefined || after === null ? 0 : Number(Buffer.from(after, 'base64').toString());
  const nodes = all.slice(from, from + first);
  const end = from + nodes.length;
  const endCursor = nodes.length === 0 ? null : Buffer.from(String(end)).toString('base64');
  return { nodes, totalCount: all.length, pageInfo: { endCursor, hasNextPage: end < all.length } };
}
