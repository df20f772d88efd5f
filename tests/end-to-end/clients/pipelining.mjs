// Requests one behind the other over one connection, by an HTTP client that nobody here wrote (undici): node pipelining.mjs
// PORT TOKEN FLOW. Prints what was answered, in the order of the requests.
import { Client } from 'undici';

const [port, token, flow] = process.argv.slice(2);
const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 50 });
const headers = { authorization: `Bearer ${token}` };
const connections = new Set();
client.on('connect', () => connections.add(connections.size));

async function ask(method, path, body) {
  const answer = await client.request({ method, path, headers: body ? { ...headers, 'content-type': 'application/json' } : headers, body, idempotent: true, blocking: false });
  return [answer.statusCode, await answer.body.text()];
}

await ask('GET', '/api/v1/health');
const asked = [];
for (let i = 0; i < 500; i++) {
  asked.push(i % 3 === 0 ? ask('GET', `/api/v1/flows/${flow}`) : i % 3 === 1 ? ask('GET', `/api/v1/flows/none-${i}`) : ask('POST', '/api/v1/flows', `{"no flow": ${i}}`));
}
const answers = (await Promise.all(asked)).map(([status, body], i) => ({ i, status, names: body.includes(i % 3 === 0 ? flow : `none-${i}`) }));
console.log(JSON.stringify({ answers, connections: connections.size }));
await client.close();
