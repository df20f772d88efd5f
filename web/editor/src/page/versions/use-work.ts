// Something that a dialog does: whether it is under way, and why it failed.
import { useState } from 'react'

export interface Work {
  busy: boolean
  error: Error | null
  run: (work: () => Promise<void>) => void
}

/** One thing at a time. */
export function useWork(): Work {
  const [state, setState] = useState<{ busy: boolean; error: Error | null }>({ busy: false, error: null })
  return {
    ...state,
    run: (work) => {
      setState({ busy: true, error: null })
      work().then(
        () => {
          setState({ busy: false, error: null })
        },
        (error: unknown) => {
          setState({ busy: false, error: errorOf(error) })
        }
      )
    }
  }
}

/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
