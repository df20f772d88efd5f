// Takes JSON by POST /hook and answers 202, with Node-RED's nodes http in, function and http response:
//   webhook-node-red.mjs FOLDER_WITH_NODE_MODULES USER_FOLDER
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const modules = createRequire(join(resolve(process.argv[2]), 'package.json'))
const red = modules('node-red')
const express = createRequire(modules.resolve('node-red'))('express')
const userDir = resolve(process.argv[3])
writeFileSync(
  join(userDir, 'flows.json'),
  JSON.stringify([
    { id: 'tab', type: 'tab', label: 'hook' },
    { id: 'in', z: 'tab', type: 'http in', url: '/hook', method: 'post', x: 100, y: 100, wires: [['count']] },
    {
      id: 'count', z: 'tab', type: 'function', x: 200, y: 100, outputs: 1, wires: [['out']],
      func: "global.set('rows', (global.get('rows') || 0) + (msg.payload.ok === true ? 1 : 0)); msg.payload = ''; return msg",
    },
    { id: 'out', z: 'tab', type: 'http response', statusCode: '202', x: 300, y: 100, wires: [] },
  ]),
)
const app = express()
const server = createServer(app)
red.init(server, {
  userDir, flowFile: 'flows.json', httpAdminRoot: false, httpNodeRoot: '/', httpNodeCors: undefined, functionExternalModules: false,
  logging: { console: { level: 'off', metrics: false, audit: false } }, telemetry: { enabled: false },
})
app.use('/', red.httpNode)
await red.start()
// Flows begin a little after the runtime.
await new Promise((done) => setTimeout(done, 2000))
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
