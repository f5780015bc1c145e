import { readFile } from 'node:fs/promises';

const LEAVING = 'nginx: worker process is shutting down';

/**
 * How many workers of the same nginx have been told to leave and still serve what was open before; null where
 * that cannot be seen: nginx on another machine, in a container, or no Linux.
 */
export async function countOldWorkers(worker: number): Promise<number | null> {
  try {
    if (!(await titleOf(worker)).startsWith('nginx: ')) return null;
    const stat = await readFile(`/proc/${worker}/stat`, 'utf8');
    const master = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const children = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
    const pids = children.split(' ').filter((pid) => /^\d+$/.test(pid));
    const titles = await Promise.all(pids.map((pid) => titleOf(Number(pid)).catch(() => '')));
    return titles.filter((title) => title.startsWith(LEAVING)).length;
  } catch {
    return null;
  }
}

function titleOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8');
}
