// What a user would write: reads and sets the weights of a router that has an HTTP API.
import { request } from 'node:http';

const [, , verb, api, a, b] = process.argv;

function call(method, body) {
  const headers = { authorization: `Bearer ${process.env.ROUTER_TOKEN}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(`${api}/v1/traffic`, { method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

if (verb === 'hang') setTimeout(() => undefined, 60_000);
if (verb === 'say') console.log(api);
if (verb === 'get') {
  const { text } = await call('GET');
  console.error('asked the router');
  console.log(JSON.stringify(JSON.parse(text).shares));
}
if (verb === 'set') {
  const { status } = await call(
    'PUT',
    JSON.stringify({ shares: { a: Number(a), b: Number(b) }, lease: null, token: 1 }),
  );
  if (status !== 200) {
    console.error(`the router said ${status}`);
    process.exit(1);
  }
}
