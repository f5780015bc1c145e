/** An invisible line by which a text of ours is found again. What stands in it can end no comment. */
export function markerOf(kind: 'incident' | 'sticky' | 'task', id: string): string {
  return `<!-- deploy-canary:${kind} ${encodeURIComponent(id).replaceAll('-', '%2D')} -->`;
}

/** Whether a text begins with the marker; a quotation further down is not taken for the original. */
export function isMarked(body: string | null | undefined, marker: string): boolean {
  return (body ?? '').trimStart().startsWith(marker);
}

/** The same words, however a server writes its line ends. */
export function sameText(left: string | null | undefined, right: string): boolean {
  return (left ?? '').replaceAll('\r\n', '\n').trimEnd() === right.trimEnd();
}
