// Flows and places for the tests of runs.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LocalEngine, MemoryFiles } from '@weir/engine-client'
import type { PlaceOptions } from '@weir/engine-client'
import { EnginePlace } from '../../src/run/engine-place.ts'
import type { EnginePlaceOptions } from '../../src/run/engine-place.ts'
import type { ShownRun } from '../../src/run/shown-run.ts'

const path = fileURLToPath(new URL('../../../../build/wasm/weir.wasm', import.meta.url))
export const hasModule = existsSync(path)

let compiled: Promise<WebAssembly.Module> | undefined

export async function localEngine(options: PlaceOptions = {}): Promise<LocalEngine> {
  compiled ??= WebAssembly.compile(readFileSync(path))
  return LocalEngine.make(await compiled, options)
}

/** A place in this thread, whose nodes' log lines come to its runs. */
export function localPlace(options: PlaceOptions & Partial<EnginePlaceOptions> = {}): EnginePlace {
  let engine: Promise<LocalEngine> | undefined
  const place: EnginePlace = new EnginePlace({
    id: 'browser',
    name: 'This thread',
    engine: () => {
      engine ??= localEngine({
        ...options,
        log: (level, node, message) => {
          place.hearLog(level, node, message)
        }
      })
      return engine
    },
    ...options
  })
  return place
}

type Node = { id: string; typeId: string; version?: string; settings?: object }

/** Edges as `from.port>to.port`; a port that is not named is `rows`. */
export function flowText(nodes: readonly Node[], edges: readonly string[], more: object = {}): string {
  const end = (text: string): { node: string; port: string } => {
    const [node = '', port = 'rows'] = text.split('.')
    return { node, port }
  }
  return JSON.stringify({
    id: 'orders',
    version: '1.0.0',
    ...more,
    nodes: nodes.map((node) => ({ version: '1.0.0', settings: {}, ...node })),
    edges: edges.map((text, i) => {
      const [source = '', target = ''] = text.split('>')
      return { id: `e${String(i)}`, source: end(source), target: end(target) }
    })
  })
}

export const make = (rows: number, more: object = {}): Node => ({
  id: 'make',
  typeId: 'generate/pattern',
  settings: { pattern: 'sequential', rows, ...more }
})

/** make -> big -> out.csv */
export function ordersFlow(rows = 100, condition = 'row.id >= 50'): string {
  return flowText(
    [
      make(rows),
      { id: 'big', typeId: 'logic/filter', settings: { condition } },
      { id: 'out', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
    ],
    ['make>big', 'big.match>out']
  )
}

export function files(): MemoryFiles {
  return new MemoryFiles()
}

/** Polls until `holds`; generous, since machines are slow at times. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function ended(run: ShownRun): Promise<ReturnType<ShownRun['facts']['getState']>> {
  await until(() => run.facts.getState().endedAt !== undefined, 'the end of the run')
  return run.facts.getState()
}
