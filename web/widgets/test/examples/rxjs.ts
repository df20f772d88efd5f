// A port as an Observable: the mean of every hundred batches.
import { rowsOf, type RunStreamer } from '@weir/widgets/core'
import { observableOf } from '@weir/widgets/rxjs'
import { bufferCount, map } from 'rxjs'

export function means(streams: RunStreamer) {
  return observableOf(() => streams.createStream('sensor')).pipe(
    bufferCount(100),
    map((batches) => {
      const rows = batches.flatMap(rowsOf)
      return rows.reduce((sum, row) => sum + Number(row.value), 0) / rows.length
    })
  )
}
