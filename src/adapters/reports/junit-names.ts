import { isSourceFile } from './draft.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface NamedSuite {
  readonly name: string;
  readonly attributes: Attributes;
}

/** The dialects differ in what they put into `name` and into `classname`. */
export function namesOf({ name = '', classname = '' }: Attributes, suites: readonly NamedSuite[]) {
  const names = suites.map((suite) => suite.name);
  // Mocha's: the name is that of the test behind those of everything around it, the class name is its own.
  if (classname !== '' && name.endsWith(` ${classname}`)) {
    const around = name.slice(0, -classname.length - 1);
    const own = names.at(-1) ?? '';
    const outer = around.endsWith(` ${own}`) ? [around.slice(0, -own.length - 1), own] : [around];
    return { name: classname, path: around === own || own === '' ? [around] : outer };
  }
  // Playwright's and Vitest's: the suite is the file, and the name has the describe blocks in it.
  const separator = [' › ', ' > '].find((one) => isSourceFile(classname) && name.includes(one));
  if (separator !== undefined) {
    const parts = name.split(separator);
    return { name: parts.at(-1) ?? name, path: parts.slice(0, -1) };
  }
  const isNamed = classname === '' || classname === name || names.includes(classname);
  return { name, path: [...names.filter((one) => !isSourceFile(one)), ...(isNamed ? [] : [classname])] };
}

/** Playwright names the project in the suite's `hostname`; with every other tool that is a machine. */
export function variantOf(suites: readonly NamedSuite[], root: Attributes, classname: string): string | null {
  const suite = suites.at(-1);
  const isPlaywright = root.id !== undefined && suite?.name === classname;
  return isPlaywright ? (suite?.attributes.hostname ?? null) : null;
}
