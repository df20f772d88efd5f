// Where the engine comes from: given, or weir.wasm beside this package, loaded once and when it is first needed.
import { LocalEngine, PackedZones, type Engine, type PlaceOptions } from '@weir/engine-client'
import { needStreams } from './web-streams.ts'

/** weir.wasm: compiled, its bytes, or where it is. */
export type WasmSource = WebAssembly.Module | ArrayBuffer | Uint8Array<ArrayBuffer> | URL | string

interface NodeFiles {
  readFile: (url: URL) => Promise<Uint8Array<ArrayBuffer>>
}

let shared: Promise<Engine> | undefined

/** An engine in this thread. */
export async function loadEngine(source: WasmSource = defaultSource()): Promise<Engine> {
  await needStreams()
  const [module, zones, random] = await Promise.all([compiled(source), zonesBeside(source), randomness()])
  return LocalEngine.make(module, { ...random, ...(zones && { zones }) })
}

/** What everything uses that was not given an engine of its own; loaded once. */
export function sharedEngine(): Promise<Engine> {
  shared ??= loadEngine().catch((reason: unknown) => {
    // What failed for want of a network may do better next time.
    shared = undefined
    throw reason
  })
  return shared
}

/** For pages that run the engine in a worker, or keep weir.wasm elsewhere. Holds for what is made afterwards. */
export function setSharedEngine(engine: Engine | Promise<Engine>): void {
  shared = Promise.resolve(engine)
}

async function compiled(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return WebAssembly.compile(source)
  const url = urlOf(source)
  return url.protocol === 'file:' ? WebAssembly.compile(await fileAt(url)) : WebAssembly.compileStreaming(fetch(url))
}

/** The time zones that the package has beside weir.wasm; without them only UTC and offsets are known. */
async function zonesBeside(source: WasmSource): Promise<PackedZones | undefined> {
  if (typeof source !== 'string' && !(source instanceof URL)) return undefined
  const url = new URL('zones.bin', urlOf(source))
  try {
    return url.protocol === 'file:'
      ? await PackedZones.unpack(await fileAt(url))
      : await PackedZones.from(await fetch(url))
  } catch {
    return undefined
  }
}

function urlOf(source: string | URL): URL {
  return source instanceof URL ? source : new URL(source, baseUrl())
}

async function fileAt(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile } = (await import(/* @vite-ignore */ nodeModule('fs/promises'))) as NodeFiles
  return readFile(url)
}

/** Node.js 18 has its `crypto` in a module only. */
async function randomness(): Promise<PlaceOptions> {
  if ((globalThis as { crypto?: Crypto }).crypto !== undefined) return {}
  const { webcrypto } = (await import(/* @vite-ignore */ nodeModule('crypto'))) as { webcrypto: Crypto }
  return {
    random: (into) => {
      webcrypto.getRandomValues(into)
    }
  }
}

/** Named at run time, so that bundlers for pages leave it alone. */
function nodeModule(name: string): string {
  return `node:${name}`
}

function baseUrl(): string {
  return typeof document === 'undefined' ? import.meta.url : document.baseURI
}

function defaultSource(): URL {
  const place = typeof process === 'undefined' ? undefined : process.env.WEIR_WASM
  return place === undefined ? new URL('./weir.wasm', import.meta.url) : new URL(`file://${place}`)
}
