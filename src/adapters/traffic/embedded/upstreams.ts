import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import { slotUrl } from './options.ts';

/** Where a slot's version answers, and the connections kept to it. */
export interface Upstream {
  readonly slot: Slot;
  readonly target: URL;
  readonly agent: HttpAgent;
}

/** `idle`: how long an unused connection is kept. A slot that closes one first would cost the request sent on it. */
export function openUpstream(slot: Slot, address: string, idle: Milliseconds): Upstream {
  const target = slotUrl(address);
  const Agent = target.protocol === 'https:' ? HttpsAgent : HttpAgent;
  const agent = new Agent({ keepAlive: true });
  agent.on('free', (socket: Socket) => socket.setTimeout(idle));
  return { slot, target, agent };
}
