import { generate } from './generated.ts';

// Into this repository, or into a directory named as argument; with --check it writes nothing, and exits 1 when a file differs.
const { ok, said } = await generate(process.argv.slice(2));
(ok ? console.log : console.error)(said);
if (!ok) process.exitCode = 1;
