// The database of the browser keeps to the contract of stores, by the same suite as the stores of C++.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { WeirError } from '@weir/engine-client'
import { storeComplaints } from './store-suite.ts'
import { freshStorage } from './stores.ts'

const path = fileURLToPath(new URL('../../../../build/wasm/weir-store.wasm', import.meta.url))

describe.skipIf(!existsSync(path))('Flows in IndexedDB', () => {
  it('keep to the contract of stores', async () => {
    const module = await WebAssembly.compile(readFileSync(path))
    const { storage } = freshStorage()
    expect(await storeComplaints(module, storage.flows)).toEqual([])
    storage.close()
  })

  it('are found out if they do not', async () => {
    const module = await WebAssembly.compile(readFileSync(path))
    const { storage } = freshStorage()
    const { flows } = storage
    // A store that never looks at revisions.
    const careless = new Proxy(flows, {
      get: (known, name) => {
        if (name !== 'replace') return (known[name as keyof typeof known] as () => void).bind(known)
        return async (id: string, _: number, change: { document?: string }) =>
          known.replace(id, (await known.read(id)).revision, change)
      }
    })
    const complaints = await storeComplaints(module, careless)
    expect(complaints.join('\n')).toContain('replace of an old revision')
    expect(complaints.join('\n')).not.toContain(WeirError.name)
    storage.close()
  })
})
