/** One request to the forge's REST API. */
export interface ForgeCall<T> {
  /** As the API description writes it: `GET /repos/{owner}/{repo}/git/ref/{ref}`. `owner` and `repo` are filled in. */
  readonly route: string;
  /** Fills the path; what is left over becomes the query of a GET and the JSON body of anything else. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Reads the answer, and throws at anything that it should not be. A zod schema can do that. */
  readonly answer: { readonly parse: (data: unknown) => T };
  /** Done twice it does no more than once, so that it may be tried again when its answer was lost. A GET always is. */
  readonly repeatable?: boolean;
}

/** One question to the forge's GraphQL API, about the repository. */
export interface ForgeQuery<T> {
  /** Names it in messages and in the table of permissions: `BranchRules`. */
  readonly name: string;
  /** What is wanted of the repository: `ref(qualifiedName: $ref) { name }`. */
  readonly fields: string;
  /** Its variables and their types: `$ref: String!`. */
  readonly takes?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Reads what came for `fields`, and throws at anything that it should not be. */
  readonly answer: { readonly parse: (data: unknown) => T };
}

/** What the caller asked for cannot be so: it is not there, it is there already, or it has changed. */
export interface ForgeRefusal {
  readonly kind: 'refused';
  readonly status: 404 | 409 | 422;
  readonly message: string;
}

export type ForgeAnswer<T> = { readonly kind: 'done'; readonly data: T } | ForgeRefusal;

export interface ForgeUsage {
  /** Every request that was sent, repeated ones included. */
  readonly requests: number;
  /** What is left of the token's hourly allowance, as the forge last said; null when it did not. */
  readonly remaining: number | null;
}

/** The place where the repository lives: GitHub, or a GitHub Enterprise Server. Failures are AdapterErrors. */
export interface Forge {
  readonly owner: string;
  readonly repo: string;
  /** For links that people follow: `https://github.com/owner/repo`. */
  readonly webUrl: string;
  /** The answer; a refusal is a failure like any other. */
  request<T>(call: ForgeCall<T>, signal: AbortSignal): Promise<T>;
  /** The answer or the refusal, for a caller that knows what to do with either. */
  attempt<T>(call: ForgeCall<T>, signal: AbortSignal): Promise<ForgeAnswer<T>>;
  /** Pages of a list, until `limit` items are there or the list ends. */
  paginate<T>(call: ForgeCall<readonly T[]>, limit: number, signal: AbortSignal): Promise<readonly T[]>;
  /** The answer; one with any error in it is a failure, whatever else came with it. */
  query<T>(query: ForgeQuery<T>, signal: AbortSignal): Promise<T>;
  usage(): ForgeUsage;
}
