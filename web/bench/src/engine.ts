// The engine in workers of this page.
import { BrowserEngine } from '@weir/engine-client/browser'

interface Policy {
  createScriptURL(url: string): string
}

const rules: Policy = { createScriptURL: (url) => url }
const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes
const policy = types?.createPolicy('weir', rules) ?? rules

export function makeWorker(script: string): Worker {
  return new Worker(policy.createScriptURL(script), { type: 'module' })
}

export function startEngine(): Promise<BrowserEngine> {
  return BrowserEngine.make({ module: '/weir.wasm', makeWorker: () => makeWorker('/engine-worker.js'), warm: 1 })
}
