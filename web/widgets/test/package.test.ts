// The package as it is published: packed, installed, type-checked, bundled, cut to what is used, and run in a page.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, startBrowser } from './page/browser.ts'
import { hasModule, serveFiles } from './page/server.ts'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'weir-widgets-'))
const modules = join(folder, 'node_modules')
const bare = mkdtempSync(join(tmpdir(), 'weir-bare-'))
const EXAMPLES = ['plain.ts', 'react.tsx', 'own-widget.ts', 'rxjs.ts', 'frame.ts']

/** Builds, packs and unpacks a package as npm does when somebody installs it. */
async function install(name: string, ...more: string[]): Promise<string[]> {
  const out = join(folder, name)
  await run(process.execPath, [here(`../../${name}/scripts/build.mjs`), out, ...more], { timeout: 400_000 })
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: out })
  const [about] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[]
  const place = join(modules, '@weir', name)
  mkdirSync(place, { recursive: true })
  await run('tar', ['-xzf', join(folder, about?.filename ?? ''), '-C', place, '--strip-components=1'])
  return about?.files.map((file) => file.path) ?? []
}

function link(name: string): void {
  mkdirSync(join(modules, name, '..'), { recursive: true })
  symlinkSync(here(`../../node_modules/${name}`), join(modules, name))
}

async function bundled(source: string, project = folder): Promise<string> {
  const stdin = { contents: source, resolveDir: project }
  const result = await build({
    stdin,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    write: false
  })
  return result.outputFiles[0]?.text ?? ''
}

/** What a strict compiler finds in files of the project. */
async function typeErrors(project: string, files: readonly string[]): Promise<string> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler']
  const lib = ['--lib', 'es2023,dom,dom.iterable,dom.asynciterable', '--skipLibCheck', 'false', '--jsx', 'react-jsx']
  const found = await run(
    process.execPath,
    [tsc, '--ignoreConfig', ...options, ...lib, ...files.map((file) => join(project, 'src', file))],
    { cwd: project }
  ).catch((reason: unknown) => reason as { stdout: string })
  return found.stdout
}

describe.skipIf(!hasModule)('@weir/widgets, packed and installed', { timeout: 600_000 }, () => {
  let files: string[]

  beforeAll(async () => {
    files = await install('widgets')
    await install('engine-client', here('../../../build/wasm/weir.wasm'))
    const { dependencies = {} } = JSON.parse(
      readFileSync(join(modules, '@weir/engine-client/package.json'), 'utf8')
    ) as { dependencies?: Record<string, string> }
    for (const name of Object.keys(dependencies)) link(name)
    cpSync(here('./examples'), join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    // A second project, of somebody who has neither React nor RxJS.
    for (const part of ['node_modules', 'src', 'package.json'])
      cpSync(join(folder, part), join(bare, part), { recursive: true, dereference: true })
    for (const name of ['react', 'react-dom', 'rxjs', 'tslib', '@types/react', '@types/react-dom', 'csstype'])
      link(name)
  }, 600_000)

  afterAll(() => {
    for (const one of [folder, bare]) rmSync(one, { recursive: true, force: true })
  })

  it('holds modules, declarations, a sheet and words, and nothing else', () => {
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'widgets/core.js', 'widgets/index.d.ts', 'widgets.css', 'package.json'])
    )
    expect(files.filter((path) => !/\.(js|d\.ts|css|json|md)$/.test(path))).toEqual([])
    expect(files.filter((path) => /(^|\/)test|\.map$/.test(path))).toEqual([])
    const sizes = files.map((path) => statSync(join(modules, '@weir/widgets', path)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(340_000)
  })

  it('needs neither React nor RxJS where it is used without them', async () => {
    const manifest = JSON.parse(readFileSync(join(modules, '@weir/widgets/package.json'), 'utf8')) as object
    expect(manifest).not.toHaveProperty('dependencies')
    expect(manifest).toMatchObject({ peerDependenciesMeta: { react: { optional: true }, rxjs: { optional: true } } })
    expect(await typeErrors(bare, ['plain.ts', 'own-widget.ts', 'frame.ts'])).toBe('')
    const chart = `import { LineChartView as V } from '@weir/widgets/core'; console.log(V)`
    expect(await bundled(chart, bare)).toContain('webgl2')
  })

  it('has types that hold for who embeds it, with React and RxJS', async () => {
    expect(await typeErrors(folder, EXAMPLES)).toBe('')
  })

  it('is cut to what is used', async () => {
    const gauge = await bundled(`import { GaugeView as V } from '@weir/widgets/core'; console.log(V)`)
    expect(gauge).not.toMatch(/webgl2|createImageBitmap|weir-rows|react/)
    expect(gauge.length).toBeLessThan(30_000)
    const batch = await bundled(`import { batchOf } from '@weir/widgets'; console.log(batchOf)`)
    expect(batch).not.toMatch(/class |react|document/)
    expect(batch.length).toBeLessThan(4_000)
  })

  it('says in its README what the examples do', () => {
    const words = readFileSync(here('../README.md'), 'utf8')
    for (const name of EXAMPLES) {
      const [, ...code] = readFileSync(here(`./examples/${name}`), 'utf8').split('\n')
      expect(words, name).toContain(code.join('\n').trim())
    }
  })

  it.skipIf(!hasBrowser)('draws a run in a page, under a strict policy', async () => {
    const main = await bundled(`
      import { show } from './src/react.tsx'
      import { registry } from './src/own-widget.ts'
      import { means } from './src/rxjs.ts'
      import { BrowserEngine } from '@weir/engine-client/browser'
      import { RunStreamer } from '@weir/widgets/core'
      import './src/plain.ts'
      const engine = await BrowserEngine.make({ module: '/weir.wasm', makeWorker: () => new Worker('/engine-worker.js', { type: 'module' }) })
      const settings = { pattern: 'step', rows: 5000, batchRows: 10, start: 1 }
      const nodes = [{ id: 'sensor', typeId: 'generate/pattern', version: '1.0.0', settings }]
      const flow = { id: 'steps', version: '1.0.0', nodes, edges: [] }
      const open = () => engine.run(flow, { outlets: [{ node: 'sensor', port: 'rows' }] })
      const place = document.createElement('div')
      document.body.append(place)
      show(await open(), place)
      const streams = new RunStreamer(await open())
      const lamp = registry.create('lamp', { title: 'Lamp', clock: streams.clock })
      document.body.append(lamp.element)
      streams.attach('sensor', lamp)
      const found = []
      means(streams).subscribe({ next: (mean) => found.push(mean), complete: () => { document.body.dataset.means = found.every(Number.isFinite) } })`)
    const installed = (path: string): string => readFileSync(join(modules, '@weir', path), 'utf8')
    const server = await serveFiles({
      '/index.html': `<!doctype html><meta charset="utf-8"><title>t</title><link rel="stylesheet" href="/widgets.css"><script type="module" src="/main.js"></script>`,
      '/main.js': main,
      '/widgets.css': installed('widgets/widgets.css'),
      '/engine-worker.js': installed('engine-client/browser-worker.js'),
      '/weir.wasm': readFileSync(join(modules, '@weir/engine-client/weir.wasm')),
      '/favicon.ico': ''
    })
    const browser = await startBrowser()
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(server.url)
      await page
        .waitForFunction(() => document.body.dataset.means === 'true', undefined, { timeout: 60_000 })
        .catch((reason: unknown) => {
          throw new Error(complaints.join('\n'), { cause: reason })
        })
      await page.waitForFunction(
        () => document.querySelector('#newest')?.textContent === 'ended: 5000 rows, 1000 kept',
        undefined,
        { timeout: 60_000 }
      )
      await page.waitForFunction(() => document.querySelector('[data-widget=lamp] strong')?.textContent === '● on')
      await page.waitForFunction(() => document.querySelectorAll('[data-widget=line] .weir-note').length === 2)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  })
})
