// Takes JSON by POST /hook and answers 202, with Node.js alone.
import { createServer } from 'node:http'

let rows = 0
const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    rows += JSON.parse(Buffer.concat(chunks)).ok === true ? 1 : 0
    response.writeHead(202)
    response.end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
process.on('SIGTERM', () => {
  console.log(`rows ${rows}`)
  process.exit(0)
})
