// The suite of stores (service/store/suite) in weir-store.wasm, over the flows of a place.
import { asWeirError } from '@weir/engine-client'
import { flowCall, type FlowHost } from '../../src/hosts/flow-calls.ts'
import { WireReader, WireWriter } from '../../src/wasm/wire.ts'

interface SuiteExports {
  memory: WebAssembly.Memory
  _initialize?(): void
  weir_alloc(bytes: number): number
  weir_release(at: number): void
  weir_answer_at(): number
  weir_answer_bytes(): number
  weir_answer(id: number, good: number, at: number, bytes: number): void
  weir_suite_begin(): void
  weir_suite_step(): number
}

const nothing = (): number => 0

/** What `flows` does otherwise than a store should, as sentences. */
export async function storeComplaints(module: WebAssembly.Module, flows: FlowHost): Promise<string[]> {
  let changed: () => void = () => undefined
  const answer = (id: number, isGood: boolean, bytes: Uint8Array): void => {
    const at = exports.weir_alloc(Math.max(1, bytes.length))
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes)
    exports.weir_answer(id, isGood ? 1 : 0, at, bytes.length)
    exports.weir_release(at)
    changed()
  }
  const call = (kind: number, id: number, at: number, bytes: number): void => {
    const args = new WireReader(new Uint8Array(exports.memory.buffer, at, bytes).slice())
    Promise.resolve(flowCall(flows, kind, args)).then(
      (wire) => {
        answer(id, true, wire?.finish() ?? new Uint8Array())
      },
      (reason: unknown) => {
        const { code, message, recoverable } = asWeirError(reason)
        answer(id, false, new WireWriter().text(code).text(message).flag(recoverable).finish())
      }
    )
  }
  // Not every module asks for all of them.
  const given: Record<string, WebAssembly.ImportValue> = { call }
  const imports = new Proxy(given, { get: (known, name) => known[String(name)] ?? nothing })
  const exports = (await WebAssembly.instantiate(module, { weir: imports })).exports as unknown as SuiteExports
  exports._initialize?.()
  exports.weir_suite_begin()
  while (exports.weir_suite_step() === 0) {
    await new Promise<void>((resolve) => {
      changed = resolve
    })
  }
  const text = new Uint8Array(exports.memory.buffer, exports.weir_answer_at(), exports.weir_answer_bytes())
  return new TextDecoder()
    .decode(text)
    .split('\n')
    .filter((line) => line !== '')
}
