import semver from 'semver';

/** A tag as it stands in the repository, and the commit that it names. */
export interface Tag {
  readonly name: string;
  readonly commit: string;
}

export type ReleasePlan =
  | {
      readonly ok: true;
      readonly version: string;
      readonly isPrerelease: boolean;
      /** The tag that people follow, such as `v1`; null when it stays where it is, and why. */
      readonly moves: { readonly tag: string; readonly from: string | null } | null;
      readonly why: string;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

const VERSION_TAG = /^v(?=\d)/;

/** The version that a tag such as `v1.2.3` names; null for any other tag, `v1` included. */
export function versionOf(tag: string): string | null {
  const version = tag.replace(VERSION_TAG, '');
  return VERSION_TAG.test(tag) && semver.valid(version) === version && !version.includes('+')
    ? version
    : null;
}

/** What releasing a tag comes to: which tags there will be, and that none of them goes back. */
export function planRelease(tag: string, commit: string, tags: readonly Tag[]): ReleasePlan {
  const version = versionOf(tag);
  if (version === null) return no(`expected a tag such as v1.2.3, saw ${tag}`);
  const taken = tags.find(({ name }) => name === tag);
  if (taken !== undefined && taken.commit !== commit)
    return no(
      `expected ${tag} at ${commit}, saw it at ${taken.commit}; a released version is never moved, take the next one`,
    );
  const major = `v${semver.major(version)}`;
  const isPrerelease = semver.prerelease(version) !== null;
  const from = tags.find(({ name }) => name === major)?.commit ?? null;
  const plan = { ok: true, version, isPrerelease } as const;
  if (isPrerelease) return { ...plan, moves: null, why: `${tag} is a prerelease: ${major} stays` };
  const newest = newestOf(major, tags);
  if (newest !== null && semver.gt(newest, version))
    return { ...plan, moves: null, why: `v${newest} is newer: ${major} stays` };
  if (from === commit) return { ...plan, moves: null, why: `${major} is there already` };
  return { ...plan, moves: { tag: major, from }, why: `${tag} is the newest of ${major}` };
}

function newestOf(major: string, tags: readonly Tag[]): string | null {
  const versions = tags.flatMap(({ name }) => versionOf(name) ?? []);
  const peers = versions.filter(
    (one) => `v${semver.major(one)}` === major && semver.prerelease(one) === null,
  );
  return semver.maxSatisfying(peers, '*');
}

function no(problem: string): ReleasePlan {
  return { ok: false, problems: [problem] };
}
