// A content delivery network of one: serves a folder, immutable files for a year, pages and the version marker fresh.
//   node cdn.mjs --port 8081 --folder public
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string' }, folder: { type: 'string' } } });
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const name = normalize(pathname === '/' ? '/index.html' : pathname);
  try {
    const content = await readFile(join(values.folder, name));
    const fresh = /\.(html|json)$/.test(name);
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': fresh ? 'no-cache' : 'public, max-age=31536000, immutable',
    });
    response.end(content);
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not here\n');
  }
});
process.on('SIGTERM', () => process.exit(0));
server.listen(Number(values.port), '127.0.0.1');
