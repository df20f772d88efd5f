// A small server for tests in a page: bundles in memory, a strict Content-Security-Policy, a free port of 127.0.0.1.
import { build } from 'esbuild'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { packZones } from '../../../engine-client/scripts/pack-zones.mjs'

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm'
}

export interface PageServer {
  url: string
  close(): Promise<void>
}

async function bundle(name: string, format: 'esm' | 'iife'): Promise<string> {
  const built = await build({
    entryPoints: [here(name)],
    bundle: true,
    write: false,
    format,
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error'
  })
  return built.outputFiles[0]?.text ?? ''
}

/** The page shows a run of the real engine too. */
export const hasModule = existsSync(here('../../../../build/wasm/weir.wasm'))

export async function servePage(): Promise<PageServer> {
  const [scene, engine, frame] = await Promise.all([
    bundle('scene.tsx', 'esm'),
    bundle('../../../engine-client/src/browser/worker/engine-worker.ts', 'esm'),
    bundle('foreign-widget.ts', 'iife')
  ])
  const files: Record<string, string | Buffer> = {
    '/index.html': readFileSync(here('index.html')),
    '/page.css': readFileSync(here('page.css')),
    '/widgets.css': readFileSync(here('../../src/widgets.css')),
    '/scene.js': scene,
    '/engine-worker.js': engine,
    '/foreign.html': readFileSync(here('foreign.html')),
    '/foreign.js': frame,
    '/weir.wasm': readFileSync(here('../../../../build/wasm/weir.wasm')),
    '/zones.bin': packZones(),
    '/favicon.ico': ''
  }
  return serveFiles(files)
}

/** Files by their address, under the policy. */
export async function serveFiles(files: Record<string, string | Buffer>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const body = files[path === '/' ? '/index.html' : path]
    const ending = path.split('.').at(-1) ?? ''
    response.setHeader('Content-Security-Policy', POLICY)
    response.setHeader('Content-Type', TYPES[ending] ?? TYPES.html ?? '')
    response.statusCode = body === undefined ? 404 : 200
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => closed(server) }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
  })
}
