// The peer of fan-out.py: Fastify with Server-Sent Events, an event of 200 bytes ten times a second to everybody who is
// connected: fan-out-sse.mjs FOLDER_WITH_NODE_MODULES
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const fastify = createRequire(join(resolve(process.argv[2]), 'package.json'))('fastify')()
const clients = new Set()
fastify.get('/', (request, reply) => {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  reply.raw.write(': welcome\n\n')
  clients.add(reply.raw)
  request.raw.on('close', () => clients.delete(reply.raw))
})
await fastify.listen({ port: 0, host: '127.0.0.1' })
console.log(`listening at http://127.0.0.1:${fastify.server.address().port}`)
setInterval(() => {
  const head = `event: rows\ndata: {"rows":[{"sentMs":${Date.now()},"note":"`
  const text = head + 'x'.repeat(200 - head.length - 6) + '"}]}\n\n'
  for (const client of clients) client.write(text)
}, 100)
