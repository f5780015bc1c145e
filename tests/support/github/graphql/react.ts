import type { Outgoing } from '../outgoing.ts';
import type { Need } from '../permissions.ts';
import { Refusal } from '../refusal.ts';
import { checkHeaders, type Incoming, NotAllowed } from '../request.ts';
import type { Service } from '../service.ts';
import { note, refuseAsFault, type Seen, tokenOf } from '../steps.ts';
import { answerTo, questionIn, refusedQuestion } from './answer.ts';

/** Where GraphQL is asked, whatever its URL is outside. */
export const GRAPHQL = '/graphql';

/** One query; what it needed is put into `needs`. */
export function attemptQuery(service: Service, incoming: Incoming, seen: Seen, needs: Need[]): Outgoing {
  try {
    if (incoming.method !== 'POST') throw new NotAllowed(404, 'Not Found', ['GraphQL takes only POST']);
    const token = tokenOf(service, incoming);
    seen.token = token;
    checkHeaders(incoming);
    const question = questionIn(incoming.body);
    seen.operationId = `graphql/${question.name}`;
    if (!service.queries.take()) throw spent(service);
    const { variables } = question;
    const asked = { operationId: seen.operationId, method: 'POST', path: GRAPHQL, body: variables };
    seen.fault = service.faults.next(asked);
    refuseAsFault(service, seen.fault);
    const { outgoing, problems } = answerTo(question, service.worldFor(seen.fault), { token, needs });
    if (problems.length === 0) return outgoing;
    note(service, 'answer', seen, incoming, problems);
    throw new Refusal(500, `the answer is not one that the schema allows: ${problems.join('; ')}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error instanceof NotAllowed) note(service, 'request', seen, incoming, error.problems);
    return refusedQuestion(error);
  }
}

function spent({ queries }: Service): Refusal {
  const { reset } = queries.now();
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
  return new Refusal(403, 'API rate limit exceeded for installation.', [], headers);
}
