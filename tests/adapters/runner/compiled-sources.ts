import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface CompiledSources {
  /** The file URL under which a plain node process can import a source, named as `src/...ts`. */
  readonly url: (source: string) => string;
  readonly remove: () => void;
}

/** Turns sources and all that they import into JavaScript, for tests in which a real child process runs them. */
export function compileSources(...entries: readonly string[]): CompiledSources {
  const out = mkdtempSync(join(tmpdir(), 'compiled-'));
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(out, 'node_modules'));
  const todo = entries.map((entry) => join(ROOT, entry));
  const done = new Set<string>();
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    todo.push(...compile(file, out));
  }
  const url = (source: string): string => pathToFileURL(join(out, source.replace(/\.ts$/, '.js'))).href;
  return { url, remove: () => rmSync(out, { recursive: true, force: true }) };
}

function compile(file: string, out: string): string[] {
  const source = readFileSync(file, 'utf8');
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  const target = join(out, relative(ROOT, file)).replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
  return ts
    .preProcessFile(outputText)
    .importedFiles.map((imported) => imported.fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(dirname(file), name.replace(/\.js$/, '.ts')));
}
