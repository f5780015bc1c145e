import { flag, text } from '../json.ts';
import { notFound, Refusal } from '../refusal.ts';
import { ancestorsOf } from '../state/git.ts';
import { put, type Repository, without } from '../state/world.ts';
import { type Call, type Handlers, nodeId, repositoryOf, repositoryUrl } from './call.ts';

function refBody(call: Call, repository: Repository, ref: string): unknown {
  const sha = repository.refs.get(ref) ?? '';
  const type = repository.tags.has(sha) ? 'tag' : 'commit';
  return {
    ref,
    node_id: nodeId('REF', `${repository.id}${ref}`),
    url: `${repositoryUrl(call)}/git/${ref}`,
    object: { type, sha, url: `${repositoryUrl(call)}/git/${type}s/${sha}` },
  };
}

const askedRef = (call: Call): string => `refs/${text(call.path, 'ref')}`;

function knownObject(repository: Repository, sha: string): string {
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw new Refusal(422, 'The sha parameter must be exactly 40 characters and contain only [0-9a-f].');
  if (!repository.commits.has(sha)) throw new Refusal(422, 'Object does not exist');
  return sha;
}

/** https://docs.github.com/rest/git/refs#create-a-reference: starts with `refs`, has at least two slashes. */
function newRef(repository: Repository, ref: string): string {
  if (!/^refs\/[^/]+\/[^/].*$/.test(ref) || /\.\.|[\s~^:?*[\\]|\.lock$|\/$|\/\/|@\{/.test(ref)) {
    throw new Refusal(422, `${ref} is not a valid ref name.`);
  }
  if (repository.refs.has(ref)) throw new Refusal(422, 'Reference already exists');
  const inTheWay = [...repository.refs.keys()].some(
    (known) => known.startsWith(`${ref}/`) || ref.startsWith(`${known}/`),
  );
  if (inTheWay) throw new Refusal(422, 'Reference update failed');
  return ref;
}

function existing(repository: Repository, ref: string): string {
  const sha = repository.refs.get(ref);
  if (sha === undefined) throw new Refusal(422, 'Reference does not exist');
  return sha;
}

export const gitRefs: Handlers = {
  'git/get-ref': (call) => {
    const repository = repositoryOf(call);
    if (!repository.refs.has(askedRef(call))) throw notFound();
    return { status: 200, body: refBody(call, repository, askedRef(call)) };
  },
  'git/list-matching-refs': (call) => {
    const repository = repositoryOf(call);
    const names = [...repository.refs.keys()].filter((name) => name.startsWith(askedRef(call))).sort();
    return { status: 200, body: names.map((name) => refBody(call, repository, name)) };
  },
  'git/create-ref': (call) => {
    const before = repositoryOf(call);
    const ref = newRef(before, text(call.body, 'ref'));
    const repository = {
      ...before,
      refs: put(before.refs, ref, knownObject(before, text(call.body, 'sha'))),
    };
    const body = refBody(call, repository, ref);
    return { status: 201, body, repository };
  },
  // https://docs.github.com/rest/git/refs#update-a-reference: without force only what builds on the present commit.
  'git/update-ref': (call) => {
    const before = repositoryOf(call);
    const ref = askedRef(call);
    const present = existing(before, ref);
    const sha = knownObject(before, text(call.body, 'sha'));
    if (!flag(call.body, 'force', false) && !ancestorsOf(before, sha).has(present)) {
      throw new Refusal(422, 'Update is not a fast forward');
    }
    const repository = { ...before, refs: put(before.refs, ref, sha) };
    return { status: 200, body: refBody(call, repository, ref), repository };
  },
  'git/delete-ref': (call) => {
    const before = repositoryOf(call);
    const ref = askedRef(call);
    existing(before, ref);
    return { status: 204, repository: { ...before, refs: without(before.refs, ref) } };
  },
};
