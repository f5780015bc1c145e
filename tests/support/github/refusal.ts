/** An answer other than the one hoped for; what a handler throws when GitHub would say no. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** GitHub's `errors` list, for a 422 of the long form. */
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    errors: readonly FieldError[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export interface FieldError {
  readonly resource?: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

export const invalid = (...errors: readonly FieldError[]): Refusal =>
  new Refusal(422, 'Validation Failed', errors);
