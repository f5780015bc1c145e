import { z } from 'zod';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { LedgerEntry } from '../../ports/ledger.ts';
import { ledgerEntrySchema } from './record-schema.ts';

export type ReadEntry =
  | { readonly ok: true; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly why: string };

/** Reads an entry from its JSON; anything that is not wholly an entry is told, never guessed at. */
export function readEntry(text: string): ReadEntry {
  const json = parseJson(text);
  if (!json.ok) return json;
  const parsed = ledgerEntrySchema.safeParse(json.value);
  if (parsed.success) return { ok: true, entry: parsed.data };
  return { ok: false, why: z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ') };
}

/**
 * An entry as JSON with a line end. What could not be read back is never written: a number that is not finite
 * would become null and poison the ledger for every later reader. Throws an AdapterError then.
 */
export function writeEntry(provider: string, entry: LedgerEntry): string {
  const text = `${JSON.stringify(entry)}\n`;
  const back = readEntry(text);
  if (back.ok) return text;
  const message = `expected a record that can be read back, saw one that cannot (${back.why}); nothing was written; please report this`;
  throw new AdapterError(provider, 'invalid-answer', message, { retryable: false });
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; why: string } {
  if (text.trim() === '') return { ok: false, why: 'it is empty' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, why: `not JSON: ${messageOf(error)}` };
  }
}
