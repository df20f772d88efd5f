// Serves a built studio with the headers of a server, and hands /api to a server: for trying it, and for journeys.
//   node scripts/serve.mjs http://127.0.0.1:8080 [PORT [FOLDER]]
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm'
}

/** What the pages of a server are sent with. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

function handOn(asked, answer, server) {
  const to = new URL(server)
  const passed = request(
    { host: to.hostname, port: to.port, path: asked.url, method: asked.method, headers: asked.headers },
    (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers)
      given.pipe(answer)
    }
  )
  passed.on('error', () => {
    if (answer.headersSent) answer.destroy()
    else answer.writeHead(502).end()
  })
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}

/** A connection of the live protocol: after the handshake its bytes go to and fro as they are. */
function handOnLive(asked, socket, head, server) {
  const to = new URL(server)
  const passed = connect(Number(to.port), to.hostname, () => {
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`]
    for (let i = 0; i < asked.rawHeaders.length; i += 2)
      lines.push(`${asked.rawHeaders[i]}: ${asked.rawHeaders[i + 1]}`)
    passed.write(`${lines.join('\r\n')}\r\n\r\n`)
    passed.write(head)
    passed.pipe(socket)
    socket.pipe(passed)
  })
  for (const [one, other] of [
    [passed, socket],
    [socket, passed]
  ]) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

/** Listens on 127.0.0.1; `base` is the folder of the web host that the studio lies in, `/` unless said. */
export function serveStudio({ folder, server, port = 0, base = '/' }) {
  const listener = createServer((asked, answer) => {
    const path = new URL(asked.url, 'http://studio').pathname
    if (path.startsWith('/api/')) {
      handOn(asked, answer, server())
      return
    }
    const inside = path.startsWith(base) ? normalize(path.slice(base.length)) : '..'
    const wanted = inside === '.' || inside === 'setup' ? 'index.html' : inside
    const file = join(folder, wanted)
    if (wanted.startsWith('..') || !existsSync(file) || !statSync(file).isFile()) {
      answer.writeHead(404).end()
      return
    }
    answer.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'cache-control': wanted.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp'
    })
    createReadStream(file).pipe(answer)
  })
  const live = new Set()
  listener.on('upgrade', (asked, socket, head) => {
    live.add(socket)
    socket.on('close', () => live.delete(socket))
    handOnLive(asked, socket, head, server())
  })
  return new Promise((resolve) => {
    listener.listen(port, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${listener.address().port}${base}`,
        close: () => {
          for (const socket of live) socket.destroy()
          listener.closeAllConnections()
          listener.close()
        }
      })
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , server, port, folder] = process.argv
  if (server === undefined) throw new Error('say where the server is, such as http://127.0.0.1:8080')
  const dist = folder ?? fileURLToPath(new URL('../../../build/studio', import.meta.url))
  const { url } = await serveStudio({ folder: dist, server: () => server, port: Number(port ?? 8081) })
  console.log(`the studio is at ${url}`)
}
