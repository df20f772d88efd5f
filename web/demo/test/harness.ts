// The page of the tests: puts the engine where a test can reach it, and counts what the policy refuses.
import { rowsOf, type Batch } from '@weir/engine-client'
import {
  BrowserEngine,
  SecretStore,
  StateDatabase,
  compileModule,
  droppedFiles,
  filesSource
} from '@weir/engine-client/browser'
import { BrowserStorage, LinkedFolder, batchesToBytes, bytesToBatches } from '@weir/engine-client/storage'

const policy = trustedTypesPolicy()

interface Policy {
  createScriptURL(url: string): string
}

function trustedTypesPolicy(): Policy {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes
  const rules: Policy = { createScriptURL: (url) => url }
  return types?.createPolicy('weir', rules) ?? rules
}

const violations: string[] = []
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`)
})

const logs: string[] = []

function makeWorker(): Worker {
  return new Worker(policy.createScriptURL('/engine-worker.js'), { type: 'module', name: 'weir' })
}

function engine(options: Partial<Parameters<typeof BrowserEngine.make>[0]> = {}): Promise<BrowserEngine> {
  return BrowserEngine.make({
    module: '/weir.wasm',
    makeWorker,
    log: (level, node, message) => logs.push(`${level} ${node} ${message}`),
    ...options
  })
}

/** Resolves once it answers for this page. */
async function registerServiceWorker(): Promise<void> {
  await navigator.serviceWorker.register(policy.createScriptURL('/service-worker.js'), { type: 'module' })
  await navigator.serviceWorker.ready
  while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A batch with every element of its columns, to be compared. */
function wordsOf({ rows, bytes, columns }: Batch): string {
  return JSON.stringify({ rows, bytes, columns }, (_, value: unknown) => {
    if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${(value as Uint8Array).join()}`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

export const harness = {
  registerServiceWorker,
  engine,
  rowsOf,
  wordsOf,
  droppedFiles,
  filesSource,
  compileModule,
  SecretStore,
  StateDatabase,
  BrowserStorage,
  LinkedFolder,
  batchesToBytes,
  bytesToBatches,
  violations,
  logs
}
export type Harness = typeof harness
Object.assign(globalThis, { harness })
