// Does something on the server, says how it went, and forgets what has changed by it.
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useNews } from '../state/news.ts'
import { adviceOf, wordsOf } from '@weir/ui/refused.ts'
import { cache } from './server.ts'

export interface Change<V, R> {
  work: (values: V) => Promise<R>
  /** Paths whose answers are asked for anew. */
  changes: readonly string[]
  /** What is said when it was done; nothing if left out. */
  done?: (result: R, values: V) => string
  after?: (result: R, values: V) => void
  /** The refusal is shown where it belongs, not among the news. */
  quiet?: boolean
}

/** A change that a button or a form asks for. */
export function useChange<V, R>(change: Change<V, R>): UseMutationResult<R, Error, V> {
  return useMutation<R, Error, V>({
    mutationFn: change.work,
    onSuccess: async (result, values) => {
      await Promise.all(change.changes.map((path) => cache.invalidateQueries({ queryKey: [path] })))
      if (change.done !== undefined) useNews.getState().tell('done', change.done(result, values))
      change.after?.(result, values)
    },
    onError: (error) => {
      if (change.quiet !== true) useNews.getState().tell('refused', wordsOf(error), adviceOf(error))
    }
  })
}
