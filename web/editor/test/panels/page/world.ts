// A world for the panels in Chromium: the page built and served with the policy of a server.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, mergeConfig } from 'vite'
import { chromium, type Browser, type Page } from 'playwright-core'

import { serveStudio } from '../../../../studio/scripts/serve.mjs'
import config from '../../../../studio/scripts/vite-config.ts'
import { schemasOfNodes } from '../schemas.ts'

const CHROMIUM = '/usr/bin/chromium'
export const hasBrowser = existsSync(CHROMIUM)

/** A picture under build/panels. */
export function picturePath(name: string): string {
  const folder = fileURLToPath(new URL('../../../../../build/panels/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}

export interface PanelWorld {
  page: Page
  /** What the browser complained of. */
  complaints: string[]
  end(): Promise<void>
}

export async function panelWorld(): Promise<PanelWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-panels-'))
  const root = fileURLToPath(new URL('.', import.meta.url))
  await build(
    mergeConfig(config, { root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true, minify: false } })
  )
  writeFileSync(join(folder, 'schemas.json'), JSON.stringify(schemasOfNodes()))
  const served = await serveStudio({ folder, server: () => 'http://127.0.0.1:9' })
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  })
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce'
  })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // The page has no icon of its own.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      complaints.push(`${message.text()} ${message.location().url}:${message.location().lineNumber}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(served.url)
  await page.waitForFunction(() => 'scene' in window)
  return {
    page,
    complaints,
    end: async () => {
      await browser.close()
      served.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
