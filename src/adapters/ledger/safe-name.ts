import { createHash } from 'node:crypto';

/** File systems allow 255 bytes for one name. */
const LONGEST = 200;

/**
 * A name as one path segment that no file system reads differently. Two different names never become the
 * same segment, not even where file names ignore case.
 */
export function safeName(name: string): string {
  const escaped = name.replace(/[^a-z0-9_-]/gu, escapeCharacter) || '%';
  if (escaped.length <= LONGEST) return escaped;
  const digest = createHash('sha256').update(name).digest('hex');
  // No escaped name holds `%-`.
  return `${escaped.slice(0, 100)}%-${digest}`;
}

/** A dot is harmless within a name, but not as its beginning. */
function escapeCharacter(character: string, offset: number): string {
  if (character === '.' && offset > 0) return character;
  return Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
