// StateDatabase: state and checkpoints of flows in IndexedDB.
import { WeirError } from '../../errors.ts'
import type { StateChange, StateHost } from '../../hosts/host-calls.ts'
import { answerOf, committed, openDatabase, storageError } from './database.ts'

const ENTRIES = 'entries'
const EPOCHS = 'epochs'

interface Kept {
  flow: string
  key: ArrayBuffer
  value: ArrayBuffer
  /** Microseconds since 1970; 0: never. */
  expiresAt: number
}

const nowMicros = (): number => Math.floor((performance.timeOrigin + performance.now()) * 1000)

function bytesOf(part: Uint8Array): ArrayBuffer {
  return new Uint8Array(part).buffer
}

/** The least key that does not begin with `prefix`; none: every greater key begins with it. */
function after(prefix: Uint8Array): ArrayBuffer | undefined {
  const end = Array.from(prefix)
  while (end.length > 0 && end.at(-1) === 255) end.pop()
  const last = end.pop()
  return last === undefined ? undefined : new Uint8Array([...end, last + 1]).buffer
}

export class StateDatabase implements StateHost {
  private opened: Promise<IDBDatabase> | undefined

  constructor(private readonly name = 'weir-state') {}

  /** All changes or none; a lower epoch than the last one is `state.fenced`. */
  commit(flow: string, epoch: number, changes: StateChange[]): Promise<void> {
    return this.use('readwrite', async (transaction) => {
      const epochs = transaction.objectStore(EPOCHS)
      const last = ((await answerOf(epochs.get(flow))) as number | undefined) ?? 0
      if (epoch < last) {
        transaction.abort()
        throw new WeirError('state.fenced', `another run of '${flow}' has taken over`)
      }
      epochs.put(epoch, flow)
      const entries = transaction.objectStore(ENTRIES)
      for (const change of changes) {
        const key = bytesOf(change.key)
        if (change.value === null) entries.delete([flow, key])
        else entries.put({ flow, key, value: bytesOf(change.value), expiresAt: change.expiresAtMicros })
      }
      await committed(transaction)
    })
  }

  get(flow: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.use('readonly', async (transaction) => {
      const found: unknown = await answerOf(transaction.objectStore(ENTRIES).get([flow, bytesOf(key)]))
      const kept = found as Kept | undefined
      return kept && this.lives(kept) ? new Uint8Array(kept.value) : undefined
    })
  }

  list(flow: string, prefix: Uint8Array, behind: Uint8Array, most: number): Promise<[Uint8Array, Uint8Array][]> {
    const end = after(prefix)
    const upper = end === undefined ? [flow, []] : [flow, end]
    return this.use('readonly', async (transaction) => {
      const entries = transaction.objectStore(ENTRIES)
      const alive: [Uint8Array, Uint8Array][] = []
      let isOpen = behind.length > 0
      let lower = bytesOf(isOpen ? behind : prefix)
      while (alive.length < most) {
        const found: Kept[] = (await answerOf(
          entries.getAll(IDBKeyRange.bound([flow, lower], upper, isOpen, true), most)
        )) as Kept[]
        for (const kept of found) {
          if (alive.length < most && this.lives(kept))
            alive.push([new Uint8Array(kept.key), new Uint8Array(kept.value)])
        }
        const last = found.at(-1)
        if (!last || found.length < most) break
        lower = last.key
        isOpen = true
      }
      return alive
    })
  }

  /** All of a flow: nothing is left, also not the number of its last run. */
  forget(flow: string): Promise<void> {
    return this.use('readwrite', async (transaction) => {
      transaction.objectStore(EPOCHS).delete(flow)
      transaction.objectStore(ENTRIES).delete(IDBKeyRange.bound([flow, new ArrayBuffer(0)], [flow, []]))
      await committed(transaction)
    })
  }

  /** Bytes of a flow's entries. */
  bytes(flow: string): Promise<number> {
    return this.use('readonly', async (transaction) => {
      const range = IDBKeyRange.bound([flow, new ArrayBuffer(0)], [flow, []])
      const found = (await answerOf(transaction.objectStore(ENTRIES).getAll(range))) as Kept[]
      return found.reduce((sum, { key, value }) => sum + key.byteLength + value.byteLength, 0)
    })
  }

  private lives(kept: Kept): boolean {
    return kept.expiresAt === 0 || kept.expiresAt > nowMicros()
  }

  private async use<T>(mode: IDBTransactionMode, work: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    try {
      this.opened ??= openDatabase(this.name, 1, (db) => {
        db.createObjectStore(ENTRIES, { keyPath: ['flow', 'key'] })
        db.createObjectStore(EPOCHS)
      })
      const db = await this.opened
      return await work(db.transaction([ENTRIES, EPOCHS], mode, { durability: 'strict' }))
    } catch (reason) {
      if (!(reason instanceof WeirError)) this.opened = undefined
      throw storageError(reason)
    }
  }
}
