// Runs a golden flow natively, and in this Node.js; both give the files that it wrote.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LocalEngine, MemoryFiles, PackedZones } from '@weir/engine-client'
import { packZones } from '../../../engine-client/scripts/pack-zones.mjs'
import { pathOf } from '../site.ts'
import type { GoldenFlow } from './golden-flows.ts'

export const WEIR = pathOf('../../../build/bin/weir')
export const MODULE = pathOf('../../../build/wasm/weir.wasm')

/** How it ended, and its files by path, in order. */
export interface Made {
  exitCode: number
  files: Record<string, Buffer>
}

export function put(folder: string, { inputs }: GoldenFlow): void {
  for (const [path, content] of Object.entries(inputs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

function filesBelow(folder: string): Record<string, Buffer> {
  if (!existsSync(folder)) return {}
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort()
  return Object.fromEntries(paths.map((path) => [`out/${path.slice(folder.length + 1)}`, readFileSync(path)]))
}

export function runNatively(golden: GoldenFlow): Made {
  const folder = mkdtempSync(join(tmpdir(), 'weir-golden-'))
  try {
    put(folder, golden)
    writeFileSync(join(folder, 'it.flow.json'), JSON.stringify(golden.flow))
    const set = Object.entries(golden.parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    const ran = spawnSync(WEIR, ['run', '-q', '--no-socket', '--seed', '1', 'it.flow.json', ...set], {
      cwd: folder,
      encoding: 'utf8'
    })
    if (ran.error) throw ran.error
    if (ran.status !== 0 && ran.status !== 3) throw new Error(`weir run ${golden.name}: ${ran.stderr}`)
    return { exitCode: ran.status, files: filesBelow(join(folder, 'out')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function runInNode(golden: GoldenFlow): Promise<Made> {
  const files = new MemoryFiles()
  for (const [path, content] of Object.entries(golden.inputs)) files.put(path, content)
  const zones = await PackedZones.unpack(new Uint8Array(packZones()))
  const engine = await LocalEngine.make(await WebAssembly.compile(readFileSync(MODULE)), { files, zones })
  const run = await engine.run(golden.flow as unknown as Record<string, unknown>, {
    parameters: golden.parameters,
    seed: 1
  })
  const { exitCode, error } = await run.result
  if (error) throw new Error(`${golden.name}: ${error.code}: ${error.message}`)
  const made = files.paths().filter((path) => path.startsWith('project:out/'))
  const named = made.map((path) => [path.slice('project:'.length), Buffer.from(files.get(path) ?? [])])
  return { exitCode, files: Object.fromEntries(named) as Record<string, Buffer> }
}
