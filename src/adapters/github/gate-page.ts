import { z } from 'zod';
import { contextOf, GATE_STATES, type GateLine, gateLine, gateOf } from '../../core/report/gate-board.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { GateComment, GatePage, ToldStatus } from '../../ports/gate-page.ts';
import { failed } from './failure.ts';
import { isMarked, markerOf } from './marker.ts';

const MARKER = markerOf('sticky', 'gates');
const MOST_COMMENTS = 1_000;
const MOST_STATUSES = 1_000;

const status = z.object({
  id: z.number(),
  context: z.string(),
  state: z.enum(GATE_STATES),
  description: z.string().nullable(),
  target_url: z.string().nullable(),
});
const comment = z.object({
  id: z.number(),
  body: z.string().default(''),
  user: z.object({ type: z.string() }).nullable(),
  author_association: z.string(),
});
type Comment = z.infer<typeof comment>;
const pull = z
  .object({ state: z.string(), head: z.object({ sha: z.string() }) })
  .transform(({ state, head }) => ({ head: head.sha, isOpen: state === 'open' }));

const ISSUE = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
const COMMENT = '/repos/{owner}/{repo}/issues/comments/{comment_id}';

/** Commit statuses and one comment of a repository on GitHub. */
export function gatePage(forge: Forge): GatePage {
  const statuses: GatePage['statuses'] = async (sha, signal) => {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/statuses';
    const call = { route, params: { ref: sha }, answer: z.array(status).readonly() };
    return newestOfEach(await forge.paginate(call, MOST_STATUSES, signal), sha);
  };
  return {
    statuses,
    postStatus: async (line, signal) => {
      try {
        return await post(forge, line, signal);
      } catch (error) {
        if (!(error instanceof AdapterError) || !error.retryable) throw error;
        const there = (await statuses(line.sha, signal)).find((one) => sameLine(one.line, line));
        if (there === undefined) throw error;
        return there.id;
      }
    },
    pull: (number, signal) =>
      forge.request(
        {
          route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
          params: { pull_number: number },
          answer: pull,
        },
        signal,
      ),
    comments: async (number, signal) => {
      const call = {
        route: `GET ${ISSUE}`,
        params: { issue_number: number },
        answer: z.array(comment).readonly(),
      };
      const found = await forge.paginate(call, MOST_COMMENTS, signal);
      return found.filter(isOurs).map(bare);
    },
    write: async (number, body, signal) => {
      const params = { issue_number: number, body: marked(body) };
      return bare(await forge.request({ route: `POST ${ISSUE}`, params, answer: comment }, signal));
    },
    rewrite: async (id, body, signal) => {
      const params = { comment_id: id, body: marked(body) };
      const call = { route: `PATCH ${COMMENT}`, params, answer: comment, repeatable: true };
      const answer = await forge.attempt(call, signal);
      if (answer.kind === 'done') return true;
      if (answer.status === 404) return false;
      throw failed(
        'refused',
        false,
        `expected to edit comment ${id}, saw ${answer.status} (${answer.message})`,
      );
    },
    remove: async (id, signal) => {
      const call = { params: { comment_id: id }, answer: { parse: () => null }, repeatable: true };
      await forge.attempt({ route: `DELETE ${COMMENT}`, ...call }, signal);
    },
  };
}

async function post(forge: Forge, line: GateLine, signal: AbortSignal): Promise<number> {
  const { gate, state, description, url, sha } = gateLine(line);
  const target = url === null ? {} : { target_url: url };
  const params = { sha, state, context: contextOf(gate), description, ...target };
  const call = { route: 'POST /repos/{owner}/{repo}/statuses/{sha}', params, answer: status };
  return (await forge.request(call, signal)).id;
}

function newestOfEach(found: readonly z.infer<typeof status>[], sha: string): ToldStatus[] {
  const newest = new Map<string, ToldStatus>();
  for (const { id, context, state, description, target_url: url } of found) {
    const gate = gateOf(context);
    if (gate === null || gate === '' || (newest.get(gate)?.id ?? -1) >= id) continue;
    newest.set(gate, { id, line: gateLine({ gate, state, description: description ?? '', url, sha }) });
  }
  return [...newest.values()];
}

const sameLine = (one: GateLine, other: GateLine): boolean =>
  JSON.stringify(gateLine(one)) === JSON.stringify(gateLine(other));

/** A stranger's comment that begins like ours is not ours: we would write under a foreign name. */
function isOurs({ body, user, author_association: association }: Comment): boolean {
  const isTrusted = user?.type === 'Bot' || ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(association);
  return isTrusted && isMarked(body, MARKER);
}

const marked = (body: string): string => `${MARKER}\n${body}`;

/** As it was given to us to write, however a server writes its line ends. */
function bare({ id, body }: Comment): GateComment {
  const text = body.replaceAll('\r\n', '\n').trimStart().slice(MARKER.length);
  return { id, body: `${text.trim()}\n` };
}
