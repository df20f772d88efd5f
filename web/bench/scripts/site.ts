// The bench's pages, bundled and served as a site would be: a strict policy, isolation, and files that may be kept.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { bundle } from '../../demo/scripts/bundle.mjs'
import { HEADERS } from '../../demo/scripts/server.mjs'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'
import { pathOf } from './places.ts'

export const CHROMIUM = '/usr/bin/chromium'
/** Those of the tests. Without a GPU pages are drawn by the processor, and frames come from a timer of 60 Hz. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm'
}

export interface Site {
  url: string
  close(): void
}

/** Bundles the pages into `folder`, with weir.wasm beside. */
export async function buildSite(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const source = (name: string): string => pathOf(`web/bench/src/${name}.ts`)
  const entries = {
    page: source('page'),
    start: source('start'),
    'peers-worker': source('peers-worker'),
    'engine-worker': pathOf('web/engine-client/src/browser/worker/engine-worker.ts')
  }
  await bundle(entries, folder, { minify: true, define: { 'process.env.NODE_ENV': '"production"' } })
  cpSync(pathOf('web/bench/public'), folder, { recursive: true })
  cpSync(pathOf('web/widgets/src/widgets.css'), join(folder, 'widgets.css'))
  cpSync(pathOf('build/wasm/weir.wasm'), join(folder, 'weir.wasm'))
  writeFileSync(join(folder, 'zones.bin'), packZones())
}

/** Everything but pages may be kept by the browser, so that a second visit is one with a warm cache. */
export async function serveSite(folder: string): Promise<Site> {
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://localhost').pathname
    const name = asked === '/' ? 'index.html' : asked.slice(1)
    const type = TYPES[extname(name)]
    let body: Buffer
    try {
      body = readFileSync(join(folder, name.replaceAll('..', '')))
    } catch {
      response.writeHead(404, HEADERS).end()
      return
    }
    const cache = extname(name) === '.html' ? 'no-cache' : 'max-age=3600, immutable'
    response.writeHead(200, { ...HEADERS, 'content-type': type ?? 'text/plain', 'cache-control': cache }).end(body)
  })
  await listening(server)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}

/** A browser whose caches are on disk, as those of a person are. */
export function openBrowser(profile: string): Promise<BrowserContext> {
  const viewport = { width: 1200, height: 760 }
  return chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS, viewport })
}

export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(300_000)
  page.on('pageerror', (error) => {
    console.error(`page: ${error.message}`)
  })
  await page.goto(url)
  return page
}
