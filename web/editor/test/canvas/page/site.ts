// Builds the page of the canvas, serves it under the policy of a server, and opens it in Debian's Chromium.
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { serveStudio } from '../../../../studio/scripts/serve.mjs'

const kChromium = '/usr/bin/chromium'
export const hasBrowser = existsSync(kChromium)
const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info',
  '--js-flags=--expose-gc'
]

/** Builds a page of this folder, or of another, into `outDir`. */
export async function buildPage(outDir: string, root = fileURLToPath(new URL('.', import.meta.url))): Promise<void> {
  process.env.NODE_ENV = 'production'
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'error',
    plugins: [react(), tailwind()],
    build: {
      minify: process.env.CANVAS_MINIFY !== 'no',
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false }
    }
  })
}

export interface CanvasSite {
  url: string
  browser: Browser
  /** What pages complained of: errors, and what the policy refused. */
  complaints: string[]
  open(options?: { width?: number; height?: number; touch?: boolean; ratio?: number }): Promise<Page>
  close(): Promise<void>
}

/** A built page, served, and a browser for it. `folder`: one that was built before. */
export async function startSite(folder?: string): Promise<CanvasSite> {
  const made = folder === undefined ? mkdtempSync(join(tmpdir(), 'weir-canvas-')) : undefined
  const at = folder ?? made ?? ''
  if (made !== undefined) await buildPage(made)
  const served = await serveStudio({ folder: at, server: () => '' })
  const browser = await chromium.launch({ executablePath: kChromium, headless: true, args: kFlags })
  const complaints: string[] = []
  return {
    url: served.url,
    browser,
    complaints,
    open: async ({ width = 1280, height = 800, touch = false, ratio = 1 } = {}) => {
      const page = await browser.newPage({ viewport: { width, height }, hasTouch: touch, deviceScaleFactor: ratio })
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(served.url)
      await page.waitForFunction(() => 'scene' in globalThis)
      return page
    },
    close: async () => {
      await browser.close()
      served.close()
      if (made !== undefined) rmSync(made, { recursive: true, force: true })
    }
  }
}

/** A file under build/canvas. */
export function picturePath(name: string): string {
  const folder = fileURLToPath(new URL('../../../../../build/canvas/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}
