export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** A Prometheus series selector: `http_requests_total{code=~"5..", route!="/health"}`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}
