// compileModule: weir.wasm from an address, compiled while it comes where that is possible.
import { WeirError } from '../../errors.ts'

/** A server that names another content type costs only the streaming. */
export async function compileModule(address: string | URL): Promise<WebAssembly.Module> {
  const response = await fetch(address)
  if (!response.ok) {
    throw new WeirError('network.refused', `the engine is not at ${String(address)}: status ${response.status}`, true)
  }
  const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') === true
  if (isWasm && typeof WebAssembly.compileStreaming === 'function') return WebAssembly.compileStreaming(response)
  return WebAssembly.compile(await response.arrayBuffer())
}
