// Folders that a person gave: their names, what can be read now, and what has to be allowed again after a reload.
import 'fake-indexeddb/auto'
import type { Dropped } from '@weir/engine-client/browser'
import { describe, expect, it } from 'vitest'
import { GivenFolders } from '../../src/page/files/given-folders.ts'

function dropped(...paths: string[]): Dropped {
  return { files: paths.map((path) => ({ path, file: new File(['x'], path) })), unreadable: [], more: false }
}

let names = 0

describe('given folders', () => {
  it('have names that paths can begin with, and that are free', async () => {
    const folders = new GivenFolders(`folders-${++names}`)
    let told = 0
    const stop = folders.subscribe(() => ++told)
    expect(await folders.take(dropped('My orders (2026).csv'))).toBe('My-orders-2026:')
    expect(await folders.take(dropped('My orders (2026).csv'))).toBe('My-orders-2026-2:')
    expect(await folders.take(dropped('a.csv', 'b.csv'))).toBe('files:')
    expect(await folders.take(dropped('….csv'))).toBe('files-2:')
    stop()
    await folders.take(dropped('later.csv'))
    expect(told).toBe(4)
    expect(Object.keys(await folders.folders())).toEqual([
      'My-orders-2026',
      'My-orders-2026-2',
      'files',
      'files-2',
      'later'
    ])
  })

  it('that are files alone are gone after a reload, and nothing is asked for', async () => {
    const name = `folders-${++names}`
    await new GivenFolders(name).take(dropped('a.csv'))
    const again = new GivenFolders(name)
    expect(await again.folders()).toEqual({})
    expect(await again.waiting(['a'])).toEqual([])
    await again.allow(['a'])
  })

  it('are remembered by the browser, and ask where it wants to be asked', async () => {
    const name = `folders-${++names}`
    const request = indexedDB.open(name, 1)
    await new Promise<void>((done) => {
      request.onupgradeneeded = () => {
        request.result.createObjectStore('folders', { keyPath: 'name' })
      }
      request.onsuccess = () => {
        // Where a browser has no permissions a handle can be read.
        const put = request.result
          .transaction('folders', 'readwrite')
          .objectStore('folders')
          .put({ name: 'orders', handle: {} })
        put.onsuccess = () => {
          request.result.close()
          done()
        }
      }
    })
    const folders = new GivenFolders(name)
    expect(await folders.folders()).toEqual({ orders: { kind: 'picked', handle: {} } })
    expect(await folders.waiting(['orders'])).toEqual([])
    expect(await folders.take(dropped('orders.csv'))).toBe('orders-2:')
  })
})
