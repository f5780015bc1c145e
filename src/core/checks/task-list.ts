/** An item of a task list: `- [x] Backup tested`. */
export interface TaskItem {
  readonly ticked: boolean;
  /** Its words, as `wordsOf` makes them. */
  readonly text: string;
}

/** Items in code fences and in HTML comments are not shown to people, and do not count. */
export function taskItems(body: string): readonly TaskItem[] {
  const visible = body
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))/gm, '');
  return [...visible.matchAll(/^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*)$/gm)].map(([, mark, text]) => ({
    ticked: mark !== ' ',
    text: wordsOf(text ?? ''),
  }));
}

/** What tells one item from another: not its spaces, nor its case. */
export function wordsOf(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}
