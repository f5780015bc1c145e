import { text } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { filesOf, findCommit, storeCommit, storeFiles } from '../state/git.ts';
import { put, type Repository } from '../state/world.ts';
import type { Answer, Call } from './call.ts';

/**
 * What `auto_merge` does to a branch that is behind: it is merged, and no deployment is made. Files that differ on the
 * two sides count as a conflict: this server knows no three-way merge.
 * https://docs.github.com/rest/deployments/deployments#create-a-deployment
 */
export function mergeDefaultInto(call: Call, before: Repository, branch: string): Answer {
  const head = findCommit(before, before.defaultBranch);
  const topic = findCommit(before, branch);
  if (head === undefined || topic === undefined) throw new Error(`no commits to merge for ${branch}`);
  const files = new Map(filesOf(before, topic.tree).map((file) => [file.path, file]));
  for (const file of filesOf(before, head.tree)) {
    if ((files.get(file.path)?.sha ?? file.sha) !== file.sha) {
      throw new Refusal(409, `Conflict merging ${before.defaultBranch} into ${branch}.`);
    }
    files.set(file.path, file);
  }
  const tree = storeFiles(before, [...files.values()]);
  const { login } = call.token;
  const author = { name: login, email: `${login}@users.noreply.github.com`, date: call.now };
  const merge = storeCommit(tree.repository, {
    ...{ tree: tree.sha, parents: [topic.sha, head.sha], author, committer: author },
    message: `Merge ${before.defaultBranch} into ${branch}`,
  });
  const repository = {
    ...merge.repository,
    refs: put(merge.repository.refs, `refs/heads/${branch}`, merge.sha),
  };
  const message = `Auto-merged ${before.defaultBranch} into ${text(call.body, 'ref')} on deployment.`;
  return { status: 202, body: { message }, repository };
}
