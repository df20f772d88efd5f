// Answers GET /api/v1/flows/orders with a flow out of memory, with Fastify: flow-fastify.mjs FOLDER_WITH_NODE_MODULES FLOW [schema]
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const fastify = createRequire(join(resolve(process.argv[2]), 'package.json'))('fastify')()
const flow = JSON.parse(readFileSync(process.argv[3], 'utf8'))

// What Fastify writes faster with: the shape of the answer.
const any = { type: 'object', additionalProperties: true }
const node = { type: 'object', properties: { id: { type: 'string' }, typeId: { type: 'string' }, version: { type: 'string' }, settings: any } }
const end = { type: 'object', properties: { node: { type: 'string' }, port: { type: 'string' } } }
const edge = { type: 'object', properties: { id: { type: 'string' }, source: end, target: end } }
const schema = { type: 'object', properties: { id: { type: 'string' }, version: { type: 'string' }, nodes: { type: 'array', items: node }, edges: { type: 'array', items: edge } } }

fastify.get('/api/v1/flows/orders', process.argv[4] === 'schema' ? { schema: { response: { 200: schema } } } : {}, async () => flow)
await fastify.listen({ port: 0, host: '127.0.0.1' })
console.log(`port ${fastify.server.address().port}`)
