// Answers every request with a flow out of memory, with Node.js alone: flow-node.mjs FLOW
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const flow = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const server = createServer((request, response) => {
  const body = JSON.stringify(flow)
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
