/** A report that cannot be read: what is wrong, and where. */
export class ReportFlaw extends Error {
  override readonly name = 'ReportFlaw';
  /** `line 3, column 14` or `byte 812`; empty where there is no place to name. */
  readonly position: string;

  constructor(why: string, position: string) {
    super(why);
    this.position = position;
  }
}
