// weir.wasm for tests, compiled once a process.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../../../build/wasm/weir.wasm', import.meta.url))
export const hasModule = existsSync(path)

let compiled: Promise<WebAssembly.Module> | undefined
export function engineModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(readFileSync(path))
  return compiled
}
