// The page of the tests in Chromium: a BrowserPlace with a folder of its own.
import { rowsOf } from '@weir/engine-client'
import { BrowserEngine } from '@weir/engine-client/browser'
import { Catalogue } from '@weir/flow-model'
import { ownScript } from '../../../demo/src/trusted-scripts.ts'
import { BrowserPlace } from '../../src/run/index.ts'
import type { ShownRun, StartOptions } from '../../src/run/index.ts'
import { makeSeal } from '../../src/seal/make-seal.ts'
import { sealText } from '../../src/seal/seal.ts'

const folders = { project: { kind: 'private' as const, path: 'places-test' } }
let engine: BrowserEngine | undefined
const place = new BrowserPlace({
  makeEngine: async (log) => {
    engine = await BrowserEngine.make({
      module: '/weir.wasm',
      makeWorker: () => new Worker(ownScript('/engine-worker.js'), { type: 'module' }),
      warm: 1,
      log
    })
    return engine
  },
  folders: () => Promise.resolve(folders),
  fileOf: async (_flow, name) => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('places-test')
    return (await folder.getFileHandle(name)).getFile()
  }
})

function ended(run: ShownRun): Promise<ReturnType<ShownRun['facts']['getState']>> {
  return new Promise((resolve) => {
    const look = (): void => {
      const facts = run.facts.getState()
      if (facts.endedAt !== undefined) resolve(facts)
    }
    run.facts.subscribe(look)
    look()
  })
}

async function names(): Promise<string[]> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('places-test', { create: true })
  const found: string[] = []
  for await (const name of folder.keys()) found.push(name)
  return found.sort()
}

/** What a run came to, as data. */
async function ran(text: string, options: StartOptions, ports: [string, string][]): Promise<unknown> {
  const run = await place.start(text, options)
  const facts = await ended(run)
  const counts: Record<string, number | undefined> = {}
  for (const [node, port] of ports) counts[node] = (await run.rowsOf(node, port))?.flatMap(rowsOf).length
  const told = {
    status: facts.status,
    rows: facts.rows,
    failures: facts.failures,
    held: await run.heldBack(),
    counts,
    log: run.log.getState().lines.map(({ node }) => node),
    written: await names()
  }
  run.dispose()
  return told
}

/** The seal of a run, as the person would save it. */
async function sealed(text: string): Promise<string> {
  const run = await place.start(text, { kind: 'live' })
  await ended(run)
  const seal = await makeSeal(run, place, Catalogue.of([...(await place.nodes())]))
  run.dispose()
  return sealText(seal)
}

const harness = {
  ran,
  sealed,
  place,
  workers: () => engine?.workers,
  /** Cancels a run that goes on and on; how it ended, and whether its worker is free again. */
  async cancelled(text: string): Promise<unknown> {
    const run = await place.start(text, { kind: 'test' })
    await new Promise<void>((resolve) => {
      run.facts.subscribe(({ rows }) => {
        if (rows > 0) resolve()
      })
    })
    run.cancel()
    const { status } = await ended(run)
    run.dispose()
    return { status, workers: engine?.workers }
  }
}
export type Harness = typeof harness
Object.assign(globalThis, { harness })
