import { GraphQLError } from 'graphql';
import { mayCall, type Need, needsOf, type Token } from '../permissions.ts';

/** What GitHub itself says in `errors`, beside an answer with holes. */
export class Told extends GraphQLError {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** What a resolver may look at besides its own object. */
export interface Asker {
  readonly token: Token;
  /** Everything that was needed so far. */
  readonly needs: Need[];
}

/** A field of permissions.json. Nobody without the permission gets more than a hole and an error. */
export function authorizeField({ token, needs }: Asker, field: string): void {
  const wanted = needsOf(field) ?? [];
  needs.push(...wanted);
  if (!mayCall(token, wanted)) throw new Told('FORBIDDEN', 'Resource not accessible by integration');
}
