// Site: the bundled pages on a free port, and Chromium looking at them; for tests.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'
import { bundle } from '../scripts/bundle.mjs'
import { serve } from '../scripts/server.mjs'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

export function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

export type Route = (request: IncomingMessage, response: ServerResponse) => void

export interface Site {
  url: string
  folder: string
  server: Server
  /** Nobody listens any more, until it comes back on the same port. */
  goAway(): Promise<{ comeBack(): Promise<void> }>
  close(): void
}

/** The harness page at `/`, with weir.wasm and whatever else `prepare` puts into the folder. */
export async function harnessSite(
  routes: Record<string, Route> = {},
  prepare?: (folder: string) => void
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-site-'))
  await bundle(
    {
      harness: pathOf('harness.ts'),
      'engine-worker': pathOf('../../engine-client/src/browser/worker/engine-worker.ts')
    },
    folder
  )
  copyFileSync(pathOf('../../../build/wasm/weir.wasm'), join(folder, 'weir.wasm'))
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"><script type="module" src="/harness.js"></script>'
  )
  writeFileSync(join(folder, 'zones.bin'), packZones())
  prepare?.(folder)
  return opened(folder, routes, true)
}

export async function opened(folder: string, routes: Record<string, Route>, isTemporary: boolean): Promise<Site> {
  const { url, server } = await serve(folder, { routes })
  return {
    url,
    folder,
    server,
    goAway: async () => {
      const gone = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await gone
      const comeBack = (): Promise<void> =>
        new Promise((resolve) => {
          server.listen(Number(new URL(url).port), '127.0.0.1', resolve)
        })
      return { comeBack }
    },
    close: () => {
      server.closeAllConnections()
      server.close()
      if (isTemporary) rmSync(folder, { recursive: true, force: true })
    }
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
}

/** A page of the harness, ready to be used. */
export async function openHarness(context: BrowserContext | Browser, url: string): Promise<Page> {
  const page = await context.newPage()

  page.on('pageerror', (error) => {
    console.log(`page: ${error.message}`)
  })
  await page.goto(url)
  await page.waitForFunction(() => 'harness' in globalThis)
  return page
}
