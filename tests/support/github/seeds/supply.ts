import { createHash } from 'node:crypto';
import type { TagObject } from '../state/supply.ts';
import { put, type Repository } from '../state/world.ts';
import { shaOf } from './commits.ts';
import type { Grown } from './grow.ts';

export interface TagSeed {
  readonly message?: string;
  readonly tagger?: string;
  /** Left out: not signed. */
  readonly verification?: TagObject['verification'];
}

export function withAnnotatedTag(
  before: Repository,
  name: string,
  target: string,
  seed: TagSeed,
  date: string,
): Grown {
  const commit = shaOf(before, target);
  const sha = createHash('sha1').update(`tag ${name} ${commit} ${date}`).digest('hex');
  const { message = name, tagger = 'octocat', verification = { verified: false, reason: 'unsigned' } } = seed;
  const object: TagObject = { sha, name, message, commit, tagger, date, verification };
  const repository = {
    ...before,
    tags: put(before.tags, sha, object),
    refs: put(before.refs, `refs/tags/${name}`, sha),
  };
  return { repository, told: { operationId: 'git/get-tag', path: { tag_sha: sha } } };
}

export interface AttestationSeed {
  /** `sha256:…` */
  readonly digest: string;
  readonly predicateType?: string;
  /** The in-toto statement: an object, or the text that is to stand in the bundle. */
  readonly statement: unknown;
}

const PROVENANCE = 'https://slsa.dev/provenance/v1';

export function withAttestation(before: Repository, seed: AttestationSeed): Grown {
  const { digest, statement, predicateType = PROVENANCE } = seed;
  const payload = typeof statement === 'string' ? statement : JSON.stringify(statement);
  const attestations = [...before.attestations, { digest, predicateType, payload }];
  const told = {
    operationId: 'repos/list-attestations',
    path: { subject_digest: digest },
    query: { per_page: 100 },
  };
  return { repository: { ...before, attestations }, told };
}
