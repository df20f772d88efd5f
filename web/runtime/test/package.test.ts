// The package as it is published: built, type-checked and run by who embeds it, cut to what is used.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wasmPath } from './engine.ts'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'weir-runtime-'))
const modules = join(folder, 'node_modules')
const installed = join(modules, '@weir/runtime')
/** This Node.js, those of tools/node-versions (skipped where they are not installed), and WEIR_NODES: paths with colons between. */
const others = ['18', '22'].map((major) => here(`../../../tools/node-versions/node_modules/node-${major}/bin/node`))
const named = (process.env.WEIR_NODES ?? '').split(':').filter((path) => path !== '')
const nodes = [process.execPath, ...others, ...named]

/** Without WEIR_WASM: the engine is that of the package. */
async function node(program: string, source: string): Promise<string> {
  const path = join(folder, 'program.mjs')
  writeFileSync(path, source)
  const env = { ...process.env }
  delete env.WEIR_WASM
  return (await run(program, [path], { cwd: folder, env, timeout: 60_000 })).stdout
}

async function bundled(source: string): Promise<string> {
  const stdin = { contents: source, resolveDir: folder }
  const result = await build({ stdin, bundle: true, format: 'esm', platform: 'browser', write: false })
  return result.outputFiles[0]?.text ?? ''
}

function link(name: string): void {
  symlinkSync(here(`../../node_modules/${name}`), join(modules, name))
}

beforeAll(async () => {
  await run(process.execPath, [here('../scripts/build.mjs'), installed, wasmPath], { timeout: 110_000 })
  link('rxjs')
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the package', () => {
  it.for(nodes)('runs an example in %s', async (program, { skip }) => {
    skip(!existsSync(program), 'npm install --prefix tools/node-versions --ignore-scripts')
    expect(await node(program, readFileSync(here('./examples/messages.ts'), 'utf8'))).toContain('received msg-1')
  })

  it.for(nodes)('runs workflows and performance tests in %s', async (program, { skip }) => {
    skip(!existsSync(program), 'npm install --prefix tools/node-versions --ignore-scripts')
    const source = `
      import { PerformanceTestSuite, StreamEngine, WorkflowEngine } from '@weir/runtime'
      const test = { name: 't', duration: 100, messageRate: 500, messageSize: 50, concurrentConnections: 2, dataPattern: 'step' }
      const { received } = await new PerformanceTestSuite(new StreamEngine()).runTest(test)
      const nodes = [{ id: 'n', typeId: 'generate/pattern', version: '1.0.0', settings: { rows: 5 } }]
      const run = await new WorkflowEngine().executeWorkflow({ id: 'w', version: '1.0.0', nodes, edges: [] })
      console.log(received, (await run.result).outcome)`
    expect(await node(program, source)).toBe('50 done\n')
  })

  it('loads web streams where the platform has none, and only there', async () => {
    const example = readFileSync(here('./examples/messages.ts'), 'utf8').replace(/^import .*$/m, '')
    const without = `
      for (const name of ['ReadableStream', 'WritableStream', 'TransformStream']) delete globalThis[name]
      const { DefaultBackpressureHandler, GracefulErrorRecovery, StreamEngine } = await import('@weir/runtime')
      ${example}
      console.log(ReadableStream.name)`
    // It is not installed yet: what has streams of its own does not miss it.
    await expect(node(process.execPath, without)).rejects.toThrow(/web-streams-polyfill/)
    link('web-streams-polyfill')
    expect(await node(process.execPath, without)).toContain('received msg-1')
  })

  it('has types that hold for who embeds it', async () => {
    mkdirSync(join(folder, 'src'))
    cpSync(here('./examples'), join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck', 'false']
    const files = ['messages', 'workflow', 'debugging', 'placement'].map((name) => join(folder, `src/${name}.ts`))
    const lib = ['--lib', 'es2023,dom,dom.iterable,dom.asynciterable']
    const found = await run(process.execPath, [tsc, '--ignoreConfig', ...options, ...lib, ...files], {
      cwd: folder
    }).catch((reason: unknown) => reason as { stdout: string })
    expect(found.stdout).toBe('')
  }, 120_000)

  it('is packed from what was built; the source folder refuses, and says how', async () => {
    const pack = (cwd: string): Promise<{ stdout: string }> =>
      run('npm', ['pack', '--json', '--pack-destination', folder], { cwd, timeout: 60_000 })
    await expect(pack(here('..'))).rejects.toThrow(/npm run build && npm pack \.\/dist/)
    expect((await pack(installed)).stdout).toContain('"weir.wasm"')
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).not.toHaveProperty('private')
  }, 120_000)

  it('is cut to what is used', async () => {
    const handler = await bundled(
      `import { DefaultBackpressureHandler as H } from '@weir/runtime'; console.log(new H())`
    )
    expect(handler).toContain('dropLowestPriority')
    expect(handler.length).toBeLessThan(4000)
    expect(handler).not.toMatch(/WebAssembly|Observable|class StreamEngine/)
    const streams = await bundled(`import { StreamEngine as S } from '@weir/runtime'; console.log(new S())`)
    expect(streams).toContain('WebAssembly')
    expect(streams).not.toMatch(/Observable|class WorkflowEngine|class PerformanceTestSuite|event-stream/)
  })
})
