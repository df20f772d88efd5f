// The editor of Node-RED with a flow of so many nodes in a grid, joined by rows; nothing of it runs:
//   editor-node-red.mjs FOLDER_WITH_NODE_MODULES USER_FOLDER NODES
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const modules = createRequire(join(resolve(process.argv[2]), 'package.json'))
const red = modules('node-red')
const express = createRequire(modules.resolve('node-red'))('express')
const userDir = resolve(process.argv[3])
const count = Number(process.argv[4])
const COLUMNS = 50
const flow = [{ id: 'tab', type: 'tab', label: 'large', disabled: true }]
for (let i = 0; i < count; ++i) {
  const column = i % COLUMNS
  flow.push({
    id: `n${i}`, z: 'tab', type: 'function', name: i % 3 === 0 ? `Step ${i} of the orders` : '', func: 'return msg', outputs: 1,
    timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [], x: 100 + column * 155, y: 40 + Math.floor(i / COLUMNS) * 70,
    wires: [column + 1 < COLUMNS && i + 1 < count ? [`n${i + 1}`] : []],
  })
}
writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow))
const app = express()
const server = createServer(app)
red.init(server, {
  userDir, flowFile: 'flows.json', httpAdminRoot: '/', httpNodeRoot: '/hooks', functionExternalModules: false, telemetry: { enabled: false },
  logging: { console: { level: 'off', metrics: false, audit: false } }, editorTheme: { tours: false, projects: { enabled: false } },
})
app.use('/', red.httpAdmin)
await red.start()
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
// Whoever started it is gone.
process.stdin.on('end', () => process.exit(0)).resume()
