// Databases of the browser (IndexedDB), with promises.
import { WeirError } from '../../errors.ts'

export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => {
      done(request.result)
    }
    request.onerror = () => {
      failed(request.error ?? new Error('the request failed'))
    }
  })
}

/** Resolves once the transaction is committed. */
export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((done, failed) => {
    transaction.oncomplete = () => {
      done()
    }
    transaction.onabort = () => {
      failed(transaction.error ?? new Error('the transaction was given up'))
    }
  })
}

/** `upgrade` makes the stores of `version`. */
export function openDatabase(name: string, version: number, upgrade: (db: IDBDatabase) => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    upgrade(request.result)
  }
  return answerOf(request).then((db) => {
    // Another tab has a newer version of the page: this one lets go, and opens again when it needs to.
    db.onversionchange = () => {
      db.close()
    }
    return db
  })
}

/** What storage says, in the words of the list of error codes. */
export function storageError(reason: unknown): WeirError {
  if (reason instanceof WeirError) return reason
  const name = reason instanceof DOMException || reason instanceof Error ? reason.name : ''
  if (name === 'QuotaExceededError') {
    return new WeirError('state.limit', 'the browser gives this site no more storage; free some, or allow more')
  }
  return new WeirError('state.unavailable', `the database of the browser cannot be used: ${String(reason)}`, true)
}
