// SecretStore: secrets of this browser, sealed with a key that no script can read.
import { WeirError } from '../../errors.ts'
import { answerOf, committed, openDatabase, storageError } from './database.ts'

const KEYS = 'keys'
const SECRETS = 'secrets'
const SEAL = 'seal'

/** Shorter values cannot be told from ordinary text, and so not be kept out of logs. */
export const LEAST_SECRET_BYTES = 4

interface Sealed {
  name: string
  /** Where it may be sent: `api.example.com`, `*.example.com` or with a port; none: anywhere. */
  hosts: string[]
  nonce: Uint8Array<ArrayBuffer>
  sealed: ArrayBuffer
}

export interface Secret {
  value: string
  hosts: string[]
}

export class SecretStore {
  private opened: Promise<IDBDatabase> | undefined

  constructor(private readonly name = 'weir-secrets') {}

  /** Replaces one of the same name. */
  async set(name: string, value: string, hosts: string[] = []): Promise<void> {
    const bytes = new TextEncoder().encode(value)
    if (bytes.length < LEAST_SECRET_BYTES) {
      throw new WeirError(
        'secret.short',
        `secret '${name}' has fewer than ${LEAST_SECRET_BYTES} bytes; choose a longer one`
      )
    }
    const key = await this.key()
    const nonce = crypto.getRandomValues(new Uint8Array(12))
    const sealed = await crypto.subtle.encrypt(sealing(name, hosts, nonce), key, bytes)
    await this.use('readwrite', (transaction) => {
      transaction.objectStore(SECRETS).put({ name, hosts, nonce, sealed } satisfies Sealed)
      return committed(transaction)
    })
  }

  remove(name: string): Promise<void> {
    return this.use('readwrite', (transaction) => {
      transaction.objectStore(SECRETS).delete(name)
      return committed(transaction)
    })
  }

  /** Names and hosts; values are never listed. */
  list(): Promise<{ name: string; hosts: string[] }[]> {
    return this.use('readonly', async (transaction) => {
      const all = (await answerOf(transaction.objectStore(SECRETS).getAll())) as Sealed[]
      return all.map(({ name, hosts }) => ({ name, hosts }))
    })
  }

  /** For who is about to send it. */
  async open(name: string): Promise<Secret | undefined> {
    const found = await this.use(
      'readonly',
      (transaction) => answerOf(transaction.objectStore(SECRETS).get(name)) as Promise<Sealed | undefined>
    )
    if (!found) return undefined
    try {
      const bytes = await crypto.subtle.decrypt(sealing(name, found.hosts, found.nonce), await this.key(), found.sealed)
      return { value: new TextDecoder().decode(bytes), hosts: found.hosts }
    } catch {
      throw new WeirError('secret.missing', `secret '${name}' cannot be unsealed; set it again`)
    }
  }

  /** The key is made once, and cannot be exported. */
  private async key(): Promise<CryptoKey> {
    const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    return this.use('readwrite', async (transaction) => {
      const keys = transaction.objectStore(KEYS)
      const found = (await answerOf(keys.get(SEAL))) as CryptoKey | undefined
      if (!found) keys.put(made, SEAL)
      await committed(transaction)
      return found ?? made
    })
  }

  private async use<T>(mode: IDBTransactionMode, work: (transaction: IDBTransaction) => Promise<T>): Promise<T> {
    try {
      this.opened ??= openDatabase(this.name, 1, (db) => {
        db.createObjectStore(KEYS)
        db.createObjectStore(SECRETS, { keyPath: 'name' })
      })
      const db = await this.opened
      return await work(db.transaction([KEYS, SECRETS], mode))
    } catch (reason) {
      this.opened = undefined
      throw storageError(reason)
    }
  }
}

/** The name and the hosts are sealed in: a changed list of hosts does not open. */
function sealing(name: string, hosts: string[], nonce: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: new TextEncoder().encode(JSON.stringify([name, hosts])) }
}
