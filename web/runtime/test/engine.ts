// The engine of these tests: weir.wasm as the repository builds it, loaded once a process.
import { fileURLToPath } from 'node:url'
import { loadEngine, setSharedEngine } from '../src/index.ts'

export const wasmPath = fileURLToPath(new URL('../../../build/wasm/weir.wasm', import.meta.url))

/** What is made without an engine of its own uses this one. */
export function useBuiltEngine(): void {
  setSharedEngine(loadEngine(new URL(`file://${wasmPath}`)))
}

/** Polls until `holds`; generous, since machines are slow at times. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
