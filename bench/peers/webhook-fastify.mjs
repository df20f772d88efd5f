// Takes JSON by POST /hook and answers 202, with Fastify: webhook-fastify.mjs FOLDER_WITH_NODE_MODULES
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const fastify = createRequire(join(resolve(process.argv[2]), 'package.json'))('fastify')()
let rows = 0
fastify.post('/hook', async (request, reply) => {
  rows += request.body.ok === true ? 1 : 0
  return reply.code(202).send()
})
await fastify.listen({ port: 0, host: '127.0.0.1' })
console.log(`port ${fastify.server.address().port}`)
process.on('SIGTERM', () => {
  console.log(`rows ${rows}`)
  process.exit(0)
})
