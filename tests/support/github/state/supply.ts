/** A tag with an object of its own, which alone can be signed. */
export interface TagObject {
  readonly sha: string;
  readonly name: string;
  readonly message: string;
  readonly commit: string;
  readonly tagger: string;
  readonly date: string;
  readonly verification: { readonly verified: boolean; readonly reason: string };
}

/** What was said of an artefact, in a Sigstore bundle. */
export interface Attestation {
  /** `sha256:…` */
  readonly digest: string;
  readonly predicateType: string;
  /** The in-toto statement, as text. */
  readonly payload: string;
}
