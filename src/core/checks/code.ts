/** Why a finding is what it is. The list is closed: prose may change, these may not. */
export const FINDING_CODES = [
  /** What was expected was seen. */
  'met',
  /** What was seen is not what was expected. */
  'not-met',
  /** Something that must succeed has failed. */
  'failed',
  /** It has begun and not ended; ask again later. */
  'pending',
  /** It is not there. */
  'missing',
  /** It is there, but too old or for another commit. */
  'stale',
  /** Something newer has taken its place. */
  'superseded',
  /** A person said no. */
  'refused',
  /** Nobody who may say yes has said it. */
  'unapproved',
  /** The calendar or an open incident says not now. */
  'frozen',
  /** A person said so, by name and with a reason. */
  'overridden',
  /** The same, in the configuration. */
  'waived',
  'waiver-expired',
  /** It does not apply here. */
  'not-needed',
  /** An answer came that cannot be understood. */
  'unreadable',
  'timed-out',
  'unavailable',
  /** The token may not ask this. */
  'unauthorized',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];
