// LoadTeller: tells an engine in this thread how late its timers are and whether anybody sees the page, for adaptive edges.
import { LocalEngine, type Engine } from '@weir/engine-client'

const EVERY_MS = 100

/** Until what it returns is called. Engines elsewhere look for themselves. */
export function tellLoad(engine: Engine): () => void {
  if (!(engine instanceof LocalEngine)) return () => undefined
  let due = performance.now() + EVERY_MS
  const timer = setInterval(() => {
    const now = performance.now()
    const hidden = typeof document !== 'undefined' && document.visibilityState === 'hidden'
    engine.tellLoad({ cpu: 0, memory: 0, loopLagMs: Math.max(0, now - due), hidden })
    due = now + EVERY_MS
  }, EVERY_MS)
  ;(timer as { unref?: () => void }).unref?.()
  return () => {
    clearInterval(timer)
  }
}
