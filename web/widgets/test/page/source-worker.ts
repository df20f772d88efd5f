// Rows at a steady rate, made in a worker: batches with a time and values, sent when the page asks.
import type { Batch } from '@weir/engine-client'
import { patternBatch } from './pattern.ts'

interface Order {
  rowsPerSecond: number
  batchRows: number
  columns: number
}

const scope = self as unknown as DedicatedWorkerGlobalScope
let order: Order | undefined
let sent = 0
let asked = 0
let from = 0

scope.onmessage = (event: MessageEvent<Order | 'more'>) => {
  if (event.data === 'more') asked++
  else {
    order = event.data
    from = performance.now()
  }
  send()
}

function send(): void {
  if (!order) return
  while (asked > 0) {
    const due = ((performance.now() - from) / 1000) * order.rowsPerSecond
    if (sent + order.batchRows > due) {
      setTimeout(send, 1)
      return
    }
    const batch: Batch = patternBatch(sent, order.batchRows, order.columns, order.rowsPerSecond)
    sent += order.batchRows
    asked--
    scope.postMessage({ batch, sentRows: sent, dueRows: due }, [batch.buffer])
  }
}
