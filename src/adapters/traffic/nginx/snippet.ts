import { z } from 'zod';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Shares } from '../../../ports/traffic-router.ts';

export const PROVIDER = 'nginx-router';

/** One state of the weights. It is written into the snippet, and its workers tell it. */
export interface Held extends Shares {
  /** New with each writing: two of them with the same weights are two. */
  readonly generation: string;
  /** The largest fencing token seen. */
  readonly token: number;
  /** The slot that traffic falls back to while a rollout holds the weights; null once they are settled. */
  readonly home: Slot | null;
}

export interface SnippetSettings {
  /** Without `$`: what `proxy_pass http://$deploy_canary_upstream` names. */
  readonly variable: string;
  readonly 'split-by': string;
  readonly upstreams: Readonly<Record<Slot, string>>;
  /** Where nginx answers for its weights: an address of a `listen` line, and a path. */
  readonly listen: string;
  readonly path: string;
}

const MARK = '# deploy-canary ';

/** The whole file. The two locations that nobody can reach make `nginx -t` refuse an upstream that there is not. */
export function renderSnippet(settings: SnippetSettings, held: Held): string {
  const { variable, upstreams, listen, path } = settings;
  const told = JSON.stringify(held);
  return `${MARK}${told}
# Written anew with each shift of traffic. Do not edit.
split_clients "${settings['split-by']}" $${variable} {
${partsOf(held, upstreams)}
}
server {
    listen ${listen};
    access_log off;
    keepalive_timeout 75s;
    default_type application/json;
    location = ${path} { return 200 '${told.slice(0, -1)},"worker":$pid}'; }
    location = /.upstream-a { internal; proxy_pass http://${upstreams.a}; }
    location = /.upstream-b { internal; proxy_pass http://${upstreams.b}; }
    location / { return 404; }
}
`;
}

/** nginx takes no part of 0 %: who has nothing is left out. */
function partsOf({ a, b }: Shares, upstreams: SnippetSettings['upstreams']): string {
  if (a === 0 || b === 0) return `    * ${b === 0 ? upstreams.a : upstreams.b};`;
  return `    ${b}% ${upstreams.b};\n    * ${upstreams.a};`;
}

const share = z.number().min(0).max(100);
export const heldSchema = z
  .object({
    generation: z.string().min(1),
    a: share,
    b: share,
    token: z.number().int().min(0),
    home: z.enum(['a', 'b']).nullable(),
  })
  .refine(({ a, b }) => Math.abs(a + b - 100) < 0.001);

/** What a snippet was written with; null when it is none of ours. */
export function parseSnippet(text: string): Held | null {
  const [first = ''] = text.split('\n', 1);
  if (!first.startsWith(MARK)) return null;
  try {
    return heldSchema.safeParse(JSON.parse(first.slice(MARK.length))).data ?? null;
  } catch {
    return null;
  }
}
