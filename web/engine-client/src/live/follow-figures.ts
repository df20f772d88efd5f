// The figures of a run, as they come.
import type { Execution } from '../engine.ts'
import type { RunCounters } from '../placement/add-figures.ts'

/** Ends by what it returns, and with the run. What cannot be watched tells nothing. */
export function followFigures(execution: Execution, told: (figures: RunCounters) => void): () => void {
  const watcher = execution.watch()
  watcher.onMessage((message) => {
    if (message.type !== 'metrics') return
    told(message.data as RunCounters)
    if (message.subscription === undefined) return
    // What was read is given back as credit: the frame's head counts too.
    const bytes = JSON.stringify(message).length + 64
    watcher.ask('credit', { bytes }, message.subscription).catch(() => undefined)
  })
  watcher.ask('subscribe', { kind: 'metrics' }).catch(() => undefined)
  const stop = (): void => {
    watcher.close()
  }
  execution.result.then(stop, stop)
  return stop
}
