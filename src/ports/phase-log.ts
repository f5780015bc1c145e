/** Where phases are told, one after the other, as they happen. */
export interface PhaseLog {
  /** Begins a group. What programs print until `close` belongs to it. */
  readonly open: (title: string) => OpenPhase;
}

export interface OpenPhase {
  /** A line of a program: foreign text. */
  readonly foreign: (line: string) => void;
  /** Ends the group, with lines of our own. */
  readonly close: (lines: readonly string[]) => void;
}
