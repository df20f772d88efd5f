// useStreamData: the newest messages of a stream as state of a component.
import { useEffect, useState } from 'react'
import { errorOf } from '../frame/told.ts'
import { StreamBuffer, type StreamDataOptions, type StreamSnapshot } from '../stream/stream-buffer.ts'
import { useStreamSource } from './stream-source.ts'

const NOTHING: StreamSnapshot<never> = {
  data: [],
  isConnected: false,
  metrics: { messageCount: 0, averageLatency: 0, droppedCount: 0 }
}

/** `streamId`: a node of the run, or `node.port`. Changed options or ids begin anew. */
export function useStreamData<T = Record<string, unknown>>(
  streamId: string,
  options: StreamDataOptions = {}
): StreamSnapshot<T> {
  const source = useStreamSource()
  const { bufferSize = 1000, updateInterval = 16, enableBackpressure = true } = options
  const [snapshot, setSnapshot] = useState<StreamSnapshot<T>>(NOTHING)
  useEffect(() => {
    try {
      const stream = source.createStream(streamId)
      const buffer = new StreamBuffer<T>(stream, { bufferSize, updateInterval, enableBackpressure }, setSnapshot)
      setSnapshot(buffer.snapshot)
      return () => {
        buffer.close()
      }
    } catch (reason) {
      // Thrown here it would take the whole page away.
      setSnapshot({ ...NOTHING, error: errorOf(reason, 'the stream could not be made') })
      return undefined
    }
  }, [source, streamId, bufferSize, updateInterval, enableBackpressure])
  return snapshot
}
