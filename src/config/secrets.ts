const VARIABLE_NAME = /^[A-Z_][A-Z0-9_]*$/;
// Every repetition is bounded, so that a line of any length is searched in a straight line.
const SECRET_KEY =
  /(?:token|secret|passw|api-?key|credential|-env)[\w-]{0,40}["']?\s{0,5}:\s{0,5}["']?([^\s"'#,}\]]{1,500})/i;
const USER_INFO = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^/\s@'"]{1,200}@/gi;

interface Shown {
  readonly source: string;
  readonly seen: string;
}

/**
 * A config names the variables that hold secrets. Somebody will paste the secret itself, and a problem report must
 * not carry it into a log.
 */
export function hideSecrets({ source, seen }: Shown): Shown {
  const [, value] = SECRET_KEY.exec(source) ?? [];
  const bare = { source: source.replace(USER_INFO, '$1…@'), seen: seen.replace(USER_INFO, '$1…@') };
  if (value === undefined || VARIABLE_NAME.test(value)) return bare;
  const hidden = `${value.slice(0, 2)}…`;
  return { source: bare.source.replace(value, hidden), seen: bare.seen.replaceAll(value, hidden) };
}
