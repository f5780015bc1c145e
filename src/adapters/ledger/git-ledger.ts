import { z } from 'zod';
import type { Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { Append, Ledger, LedgerEntry } from '../../ports/ledger.ts';
import { commitMessage } from './commit-message.ts';
import { readEntry, writeEntry } from './entry-text.ts';
import { moveRef, readParent, readRef, readText, writeCommit } from './git-objects.ts';
import { safeName } from './safe-name.ts';

const PROVIDER = 'github-ledger';

export interface GitLedgerOptions {
  readonly forge: Forge;
  readonly environment: string;
  readonly service: string;
}

/** An entry, and the commit that holds it. */
interface Known {
  readonly commit: string;
  readonly entry: LedgerEntry;
}

/**
 * One commit for each revision, on a ref of its own. The ref is only ever moved forward, and the server alone
 * decides whether a commit follows what the ref points to: of many writers that go on from the same revision
 * exactly one wins. Old commits stay: the ref's history is the history of the service.
 */
export function gitLedger({ forge, environment, service }: GitLedgerOptions): Ledger {
  const ref = refOf(environment, service);
  let known: Known | null = null;

  async function newest(signal: AbortSignal): Promise<Known | null> {
    const commit = await readRef(forge, ref, signal);
    if (commit === null) return null;
    if (commit === known?.commit) return known;
    const entry = await entryIn(commit, signal);
    // An answer from before our own last write tells nothing new.
    if (known === null || entry.revision > known.entry.revision) known = { commit, entry };
    return known;
  }

  async function entryIn(commit: string, signal: AbortSignal): Promise<LedgerEntry> {
    const text = await readText(forge, commit, signal);
    return checked(text, `refs/${ref} at ${commit}`, { environment, service });
  }

  async function append(expected: number, next: LedgerEntry, signal: AbortSignal): Promise<Append> {
    const text = writeEntry(PROVIDER, next);
    const from = known?.entry.revision === expected ? known : await newest(signal);
    if ((from?.entry.revision ?? 0) !== expected) return conflict(from, expected);
    const parent = from?.commit ?? null;
    const commit = await writeCommit(forge, { text, message: commitMessage(next), parent }, signal);
    const moved = await moveRef(forge, ref, { from: parent, to: commit }, signal);
    const now = moved.kind === 'done' ? null : await newest(signal);
    // It is ours when only the answer to an earlier attempt was lost.
    if (moved.kind === 'done' || now?.commit === commit) {
      known = { commit, entry: next };
      return { kind: 'appended', entry: next };
    }
    if ((now?.commit ?? null) === parent) throw unmoved(ref, moved.message);
    return conflict(now, expected);
  }

  function conflict(now: Known | null, expected: number): Append {
    if (now !== null) return { kind: 'conflict', newest: now.entry };
    throw broken(
      `expected entry ${expected} at refs/${ref}, saw none; somebody has deleted the ledger: restore the ref, or check the traffic by hand and start anew`,
    );
  }

  return {
    name: PROVIDER,
    newest: async (signal) => (await newest(signal))?.entry ?? null,
    append: (expected, entry, signal) => append(expected, { revision: expected + 1, ...entry }, signal),
    history: async (limit, signal) => {
      const found: LedgerEntry[] = [];
      let commit = await readRef(forge, ref, signal);
      while (commit !== null && found.length < limit) {
        found.push(await entryIn(commit, signal));
        commit = found.length < limit ? await readParent(forge, commit, signal) : null;
      }
      return found;
    },
  };
}

/** `deploy-canary/<environment>/<service>`. Git allows no name that ends in `.lock` or has two dots, so none has any. */
export function refOf(environment: string, service: string): string {
  const [outer, inner] = [environment, service].map((name) => safeName(name).replaceAll('.', '%2e'));
  return `deploy-canary/${outer}/${inner}`;
}

function checked(
  text: string,
  place: string,
  { environment, service }: Pick<GitLedgerOptions, 'environment' | 'service'>,
): LedgerEntry {
  const read = readEntry(text);
  if (!read.ok) throw broken(`expected a whole entry in ${place}, saw something else: ${read.why}. ${CURE}`);
  const { record } = read.entry;
  if (record.service === service && record.environment === environment) return read.entry;
  const seen = `${record.service} in ${record.environment}`;
  throw broken(`expected an entry of ${service} in ${environment} in ${place}, saw one of ${seen}. ${CURE}`);
}

const CURE =
  'Move the ref back to the last commit that is whole. If there is none, check by hand where traffic goes, then delete the ref: the history starts anew';

function broken(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
}

/** The ref is where it was, and still may not be moved; or the answer that says so is older than the refusal. */
function unmoved(ref: string, why: string): AdapterError {
  const message = `expected GitHub to move refs/${ref}, saw it refused (${why}); let the repository's rules allow it`;
  return new AdapterError(PROVIDER, 'refused', message, { retryable: true });
}

export const gitLedgerSchema = z
  .strictObject({
    type: z
      .literal('github')
      .describe('Keeps the record in the repository itself, on a git ref for each environment and service.'),
  })
  .describe('A ledger in the repository that runs the workflow.')
  .transform(
    ({ type }): Registered<Ledger> => ({
      type,
      create: ({ forge, environment, service }) => {
        if (forge === undefined)
          throw broken('expected a GitHub repository to keep the record in, saw none; use a file ledger');
        return gitLedger({ forge: forge(), environment, service });
      },
    }),
  );
