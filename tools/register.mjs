// Lets Node 20 run this repository's TypeScript without a build: node --import ./tools/register.mjs file.ts
// A Node that strips types by itself needs no help. Else this same file, loaded a second time on the thread that loads
// modules, is the hook.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && !process.features.typescript) register(import.meta.url);

const typescript = isMainThread ? null : (await import('typescript')).default;

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) {
    return nextLoad(url, context);
  }
  const fileName = fileURLToPath(url);
  const compilerOptions = {
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  };
  const text = await readFile(fileName, 'utf8');
  const { outputText } = typescript.transpileModule(text, { compilerOptions, fileName });
  return { format: 'module', source: outputText, shortCircuit: true };
}
