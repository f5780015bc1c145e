import type { Answer } from './answer.ts';

export interface CheckboxFacts {
  readonly body: string;
  readonly label: string;
  readonly url: string;
}

/** Whether an item of a task list is ticked. Items that stand there twice must all be. */
export function decideCheckbox({ body, label, url }: CheckboxFacts, text: string): Answer {
  const expected = `"${text}" ticked in ${label}`;
  const evidence = [{ label, url }];
  const items = taskItems(body).filter((item) => item.text.includes(normal(text)));
  if (items.length === 0) {
    const fix = `add \`- [ ] ${text}\` to ${label}, and tick it when it is done`;
    return { status: 'fail', code: 'missing', observed: 'no such item', expected, evidence, fix };
  }
  if (items.every(({ ticked }) => ticked))
    return { status: 'pass', code: 'met', observed: 'ticked', expected, evidence };
  return {
    status: 'fail',
    code: 'not-met',
    observed: 'not ticked',
    expected,
    evidence,
    fix: 'do it, then tick it',
  };
}

/** Items in code fences and in HTML comments are not shown to people, and do not count. */
function taskItems(body: string): { readonly ticked: boolean; readonly text: string }[] {
  const visible = body
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(/^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))/gm, '');
  return [...visible.matchAll(/^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*)$/gm)].map(([, mark, text]) => ({
    ticked: mark !== ' ',
    text: normal(text ?? ''),
  }));
}

function normal(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}
