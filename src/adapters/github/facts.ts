import type { Forge } from '../../ports/forge.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { alertFacts } from './alert-facts.ts';
import { attestationFacts } from './attestation-facts.ts';
import { commitFacts } from './commit-facts.ts';
import { editFacts } from './edit-facts.ts';
import { peopleFacts } from './people-facts.ts';
import { writeFacts } from './write-facts.ts';

/** The facts that checks need, for one run: made anew for the next one, because it remembers every answer. */
export function forgeFacts(forge: Forge, signal: AbortSignal): ForgeFacts {
  return {
    ...commitFacts(forge, signal),
    ...peopleFacts(forge, signal),
    ...editFacts(forge, signal),
    ...alertFacts(forge, signal),
    ...writeFacts(forge, signal),
    ...attestationFacts(forge, signal),
  };
}
