import { text } from '../json.ts';
import { notFound } from '../refusal.ts';
import { type Call, type Handlers, user } from './call.ts';

/** https://docs.github.com/rest/teams/members */
function teamOf(call: Call): ReadonlyMap<string, 'member' | 'maintainer'> {
  const found = call.world.teams.get(`${text(call.path, 'org')}/${text(call.path, 'team_slug')}`);
  if (found === undefined) throw notFound();
  return found;
}

export const people: Handlers = {
  'teams/list-members-in-org': (call) => {
    const { role } = call.query;
    const found = [...teamOf(call)].filter(
      ([, held]) => role === 'all' || role === undefined || held === role,
    );
    return { status: 200, list: { items: found.map(([login]) => user(call, login)) } };
  },
  'teams/get-membership-for-user-in-org': (call) => {
    const login = text(call.path, 'username');
    const role = teamOf(call).get(login);
    if (role === undefined) throw notFound();
    const { org, team_slug: team } = call.path;
    return {
      status: 200,
      body: { role, state: 'active', url: `${call.api}/orgs/${org}/teams/${team}/memberships/${login}` },
    };
  },
  'users/get-authenticated': (call) => ({
    status: 200,
    body: { ...user(call, call.token.login), user_view_type: 'private' },
  }),
  'meta/root': (call) => ({
    status: 200,
    body: {
      current_user_url: `${call.api}/user`,
      rate_limit_url: `${call.api}/rate_limit`,
      repository_url: `${call.api}/repos/{owner}/{repo}`,
    },
  }),
  'rate-limit/get': ({ rate }) => {
    const core = { ...rate, used: rate.limit - rate.remaining };
    const search = { ...core, limit: 30, remaining: 30, used: 0 };
    return { status: 200, body: { rate: core, resources: { core, search } } };
  },
};
