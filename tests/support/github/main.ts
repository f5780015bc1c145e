// A GitHub in a process of its own: node --import ./tools/register.mjs tests/support/github/main.ts [github.com|ghes]
// Its first line is JSON: `url` for clients, `control` for the test, see control.ts. It ends when its input does.
import { openControl } from './control.ts';
import { startGitHub } from './github.ts';

const flavour = process.argv[2] === 'ghes' ? 'ghes' : 'github.com';
const github = await startGitHub({ flavour });
const control = await openControl(github);
console.log(JSON.stringify({ url: github.url, control }));
process.stdin.resume().on('end', () => process.exit(0));
