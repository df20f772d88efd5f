// SettingsStore: small values of the app, such as the theme or the last flow that was open.
import { answerOf } from './database.ts'
import type { ChangeNotices } from './change-notices.ts'
import type { Connection } from './connection.ts'
import { invalid } from './flow-records.ts'
import { SETTINGS } from './schema.ts'

const MOST_BYTES = 1024 * 1024

export class SettingsStore {
  constructor(
    private readonly connection: Connection,
    private readonly notices: ChangeNotices
  ) {}

  get(name: string): Promise<unknown> {
    return this.connection.read([SETTINGS], (transaction) => answerOf(transaction.objectStore(SETTINGS).get(name)))
  }

  /** Values are as JSON has them; undefined deletes. */
  async set(name: string, value: unknown): Promise<void> {
    const text = value === undefined ? '' : JSON.stringify(value)
    if (text.length > MOST_BYTES) throw invalid(`the setting '${name}' is larger than ${MOST_BYTES} characters`)
    await this.connection.write([SETTINGS], { what: `the setting '${name}'`, bytes: text.length }, (transaction) => {
      const store = transaction.objectStore(SETTINGS)
      if (value === undefined) store.delete(name)
      else store.put(JSON.parse(text) as unknown, name)
      return Promise.resolve()
    })
    this.notices.say({ kind: 'setting', id: name, revision: 0 })
  }

  all(): Promise<Record<string, unknown>> {
    return this.connection.read([SETTINGS], async (transaction) => {
      const store = transaction.objectStore(SETTINGS)
      const [names, values] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())])
      return Object.fromEntries(names.map((name, i): [string, unknown] => [nameOf(name), values[i]]))
    })
  }
}

function nameOf(key: IDBValidKey): string {
  return typeof key === 'string' ? key : JSON.stringify(key)
}
