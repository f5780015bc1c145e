import { text } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { type Answer, type Call, type Handlers, repositoryOf, repositoryUrl } from './call.ts';
import { commitBody, commitNamed } from './commits.ts';

/** Id of the app that a workflow's checks come from. */
const GITHUB_ACTIONS = 15_368;

/** https://docs.github.com/rest/branches/branches#get-a-branch: tells anybody who may read which checks are required. */
function getBranch(call: Call): Answer {
  const repository = repositoryOf(call);
  const name = text(call.path, 'branch');
  if (!repository.refs.has(`refs/heads/${name}`)) throw new Refusal(404, 'Branch not found');
  const found = repository.protections.get(name);
  const url = `${repositoryUrl(call)}/branches/${encodeURIComponent(name)}`;
  const contexts = found?.requiredChecks ?? [];
  const checks = contexts.map((context) => ({ context, app_id: GITHUB_ACTIONS }));
  const body = {
    name,
    commit: commitBody(call, commitNamed(repository, name)),
    _links: { html: url, self: url },
    protected: found !== undefined,
    protection: {
      enabled: found !== undefined,
      required_status_checks: {
        enforcement_level: contexts.length === 0 ? 'off' : 'non_admins',
        contexts,
        checks,
      },
    },
    protection_url: `${url}/protection`,
  };
  return { status: 200, body };
}

export const branches: Handlers = { 'repos/get-branch': getBranch };
