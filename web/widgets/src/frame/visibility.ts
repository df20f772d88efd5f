// Visibility: whether anybody can see the page, as a value that can be watched and faked.

export interface Visibility {
  readonly hidden: boolean
  /** Calls at each change; returns what ends it. */
  watch(listener: (hidden: boolean) => void): () => void
}

export function pageVisibility(page: Document = document): Visibility {
  return {
    get hidden() {
      return page.visibilityState === 'hidden'
    },
    watch(listener) {
      const changed = (): void => {
        listener(page.visibilityState === 'hidden')
      }
      page.addEventListener('visibilitychange', changed)
      return () => {
        page.removeEventListener('visibilitychange', changed)
      }
    }
  }
}

/** Resolves when the page can be seen again, or after `limitMs`. */
export function untilVisible(visibility: Visibility, limitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!visibility.hidden || signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, limitMs)
    const unwatch = visibility.watch((hidden) => {
      if (!hidden) done()
    })
    signal.addEventListener('abort', done)
  })
}
