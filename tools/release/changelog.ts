const HEADING = /^## (?:\[)?([^\]\s]+)(?:\])?(?: - (\d{4}-\d{2}-\d{2}))?\s*$/;

export interface Section {
  readonly version: string;
  readonly date: string | null;
  readonly text: string;
}

/** The sections of a changelog that is kept as keepachangelog.com has it, newest first. */
export function sectionsOf(changelog: string): Section[] {
  const found: { version: string; date: string | null; lines: string[] }[] = [];
  for (const line of changelog.split('\n')) {
    const [isHeading, version = '', date = null] = HEADING.exec(line) ?? [];
    if (isHeading !== undefined) found.push({ version, date, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found.map(({ lines, ...rest }) => ({ ...rest, text: lines.join('\n').trim() }));
}

/** What the release of a version tells people, or what is wrong with it. */
export function notesOf(
  changelog: string,
  version: string,
): { readonly ok: true; readonly notes: string } | { readonly ok: false; readonly problem: string } {
  const section = sectionsOf(changelog).find((one) => one.version === version);
  const fix = `write what changed under "## ${version} - <date>"`;
  if (section === undefined)
    return { ok: false, problem: `expected a section for ${version} in CHANGELOG.md, saw none; ${fix}` };
  if (section.date === null)
    return {
      ok: false,
      problem: `expected a date in the heading of ${version} in CHANGELOG.md, saw none; ${fix}`,
    };
  if (!/^- /m.test(section.text))
    return { ok: false, problem: `expected entries under ${version} in CHANGELOG.md, saw none; ${fix}` };
  return { ok: true, notes: section.text };
}

/** Gives what is unreleased a version and a date, and leaves room for what comes next. */
export function withRelease(changelog: string, version: string, date: string): string {
  return changelog.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${date}`);
}
