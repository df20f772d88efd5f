// Connections as the streams of widgets: what useStreamData of @weir/widgets does with a StreamEngine.
import { StreamBuffer, type StreamSnapshot, type StreamSource } from '@weir/widgets/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { StreamEngine, type NodeMessage } from '../src/index.ts'
import { until, useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

function message(i: number): NodeMessage {
  return { id: `m${i}`, timestamp: Date.now(), sourceNodeId: 'a', targetNodeId: 'b', port: 'out', data: i }
}

describe('a StreamEngine', () => {
  it('is a source of streams for widgets: each has every message, also one that comes back', async () => {
    const streams = new StreamEngine({ config: { batchTimeout: 0 } })
    const source: StreamSource = streams
    const id = streams.createConnection('a', 'b', 'out', 'in')
    const { writer } = streams.getConnection(id)
    const options = { bufferSize: 1000, updateInterval: 1, enableBackpressure: true }
    // As React does in development: an effect begins, is undone, and begins again.
    new StreamBuffer(source.createStream(id), options, () => undefined).close()
    const snapshots: (StreamSnapshot<NodeMessage> | undefined)[] = [undefined, undefined]
    const buffers = snapshots.map(
      (_, i) =>
        new StreamBuffer<NodeMessage>(source.createStream(id), options, (snapshot) => {
          snapshots[i] = snapshot
        })
    )
    for (let i = 0; i < 300; i++) await writer.write(message(i))
    await until(() => snapshots.every((one) => one?.metrics.messageCount === 300), 'all messages in both widgets')
    for (const one of snapshots) {
      expect(one?.data.map((each) => each.data)).toEqual(Array.from({ length: 300 }, (_, i) => i))
      expect(one).toMatchObject({ isConnected: true, metrics: { droppedCount: 0 } })
    }
    await writer.close()
    await until(() => snapshots.every((one) => one?.isConnected === false), 'the end of the stream')
    for (const one of buffers) one.close()
  })

  it('loses nothing between a reader that leaves and the next', async () => {
    const streams = new StreamEngine({ config: { batchTimeout: 0 } })
    const id = streams.createConnection('a', 'b', 'out', 'in')
    const { writer } = streams.getConnection(id)
    const read: unknown[] = []
    for (let i = 0; i < 20; i++) {
      const reader = streams.createStream(id).getReader()
      const next = reader.read()
      await writer.write(message(i))
      read.push((await next).value?.data)
      await reader.cancel()
    }
    expect(read).toEqual(Array.from({ length: 20 }, (_, i) => i))
    await streams.dispose()
  })
})
