import type { SeenVersion } from '../core/load/load-test.ts';

/** Asks a service which version answers. Never rejects: silence is told. */
export type VersionProbe = (signal: AbortSignal) => Promise<SeenVersion>;
