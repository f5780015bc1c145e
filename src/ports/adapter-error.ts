export type AdapterErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'refused'
  | 'unauthorized'
  | 'fenced'
  | 'invalid-answer'
  | 'io'
  | 'exit-code';

/** The one shape in which the outside world fails. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly code: AdapterErrorCode;
  /** Which adapter: `embedded-router`, `scrape`, `file-ledger`. */
  readonly provider: string;
  /** Whether the same call may succeed a moment later. */
  readonly retryable: boolean;

  constructor(
    provider: string,
    code: AdapterErrorCode,
    message: string,
    options: { readonly retryable: boolean; readonly cause?: unknown },
  ) {
    super(`${provider}: ${message}`, { cause: options.cause });
    this.provider = provider;
    this.code = code;
    this.retryable = options.retryable;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
