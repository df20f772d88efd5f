// @vitest-environment happy-dom
// Messages of a stream as state: buffers, intervals, backpressure, figures; and as an Observable.
import type { Batch } from '@weir/engine-client'
import { act, StrictMode, type ReactElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  FrameClock,
  LineChart,
  RunStreamer,
  StreamBuffer,
  streamingWidget,
  StreamsProvider,
  TextView,
  useStreamData,
  type StreamSnapshot
} from '../src/index.ts'
import { observableOf } from '../src/rxjs.ts'
import { fromFrame } from '../src/sandbox/messages.ts'
import { batchOf } from './batches.ts'
import { HandFrames, HandOutlet, HandVisibility, settle } from './fakes.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

function streamOf<T>(chunks: T[]): ReadableStream<T> & { pulled: () => number } {
  let next = 0
  const stream = new ReadableStream<T>(
    {
      pull: (controller) => {
        const chunk = chunks[next++]
        if (chunk === undefined) controller.close()
        else controller.enqueue(chunk)
      }
    },
    { highWaterMark: 0 }
  )
  return Object.assign(stream, { pulled: () => next })
}

const numbered = (from: number, count: number): Batch =>
  batchOf({ id: Array.from({ length: count }, (_, i) => from + i) })

function until(done: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!done()) throw new Error('not yet')
    },
    { timeout: 120_000, interval: 5 }
  )
}

describe('StreamBuffer', () => {
  it('gives every message once, at most bufferSize at a time, and reads no further meanwhile', async () => {
    const stream = streamOf([numbered(0, 250), numbered(250, 50), numbered(300, 5)])
    const seen: number[] = []
    const ahead: number[] = []
    let last: StreamSnapshot<{ id: number }> | undefined
    new StreamBuffer<{ id: number }>(stream, { bufferSize: 100, updateInterval: 1 }, (snapshot) => {
      const fresh = snapshot.metrics.messageCount - seen.length
      expect(fresh).toBeLessThanOrEqual(100)
      seen.push(...snapshot.data.slice(snapshot.data.length - fresh).map((row) => row.id))
      ahead.push(stream.pulled())
      last = snapshot
    })
    await until(() => last?.isConnected === false && seen.length === 305)
    expect(seen).toEqual(Array.from({ length: 305 }, (_, i) => i))
    expect(ahead[0]).toBe(1)
    expect(last?.metrics.droppedCount).toBe(0)
    expect(last?.data).toHaveLength(100)
  })

  it('without backpressure reads all and drops the oldest, counted', async () => {
    let last: StreamSnapshot<{ id: number }> | undefined
    const stream = streamOf([numbered(0, 5000), numbered(5000, 10)])
    const options = { bufferSize: 100, updateInterval: 20, enableBackpressure: false }
    new StreamBuffer<{ id: number }>(stream, options, (snapshot) => (last = snapshot))
    await until(() => last?.isConnected === false && last.metrics.messageCount === 5010)
    expect(last?.data.map((row) => row.id)).toEqual(Array.from({ length: 100 }, (_, i) => 4910 + i))
    expect(last?.metrics.droppedCount).toBe(4910)
  })

  it('takes sizes and intervals that make no sense for the usual ones', async () => {
    let last: StreamSnapshot<{ id: number }> | undefined
    const options = { bufferSize: NaN, updateInterval: -5 }
    new StreamBuffer<{ id: number }>(streamOf([numbered(0, 3000)]), options, (snapshot) => (last = snapshot))
    await until(() => last?.isConnected === false && last.metrics.messageCount === 3000)
    expect(last?.data).toHaveLength(1000)
    const one = new StreamBuffer(streamOf([numbered(0, 3)]), { bufferSize: 0, updateInterval: 0 }, () => undefined)
    await until(() => one.snapshot.metrics.messageCount === 3)
    expect(one.snapshot.data).toHaveLength(1)
  })

  it('measures from the time a message carries', async () => {
    let last: StreamSnapshot<unknown> | undefined
    const messages = [{ id: 'm', timestamp: Date.now() - 500, type: 'widget-data', data: 1 }]
    new StreamBuffer(streamOf(messages), {}, (snapshot) => (last = snapshot))
    await until(() => last?.metrics.messageCount === 1)
    expect(last?.metrics.averageLatency).toBeGreaterThanOrEqual(500)
    expect(last?.data).toEqual(messages)
  })

  it('says why a stream broke', async () => {
    let last: StreamSnapshot<unknown> | undefined
    const broken = new ReadableStream({
      pull: (controller) => {
        controller.error(new Error('the engine failed'))
      }
    })
    new StreamBuffer(broken, {}, (snapshot) => (last = snapshot))
    await until(() => last?.error !== undefined)
    expect(last).toMatchObject({ isConnected: false })
    expect(String(last?.error)).toContain('the engine failed')
  })
})

describe('in React', () => {
  let root: Root | undefined
  afterEach(async () => {
    await act(async () => {
      root?.unmount()
      await settle()
    })
    document.body.replaceChildren()
  })

  async function show(element: ReactElement): Promise<HTMLElement> {
    const place = document.createElement('div')
    document.body.append(place)
    await act(async () => {
      root = createRoot(place)
      root.render(<StrictMode>{element}</StrictMode>)
      await settle()
    })
    return place
  }

  /** Lets React show what came, until it is so. */
  async function shown(done: () => boolean): Promise<void> {
    for (let i = 0; i < 2000 && !done(); i++) {
      await act(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
      })
    }
    expect(done()).toBe(true)
  }

  function MyWidget({ streamId }: { streamId: string }): ReactElement {
    const { data, isConnected, metrics } = useStreamData<{ id: number }>(streamId, {
      bufferSize: 1000,
      updateInterval: 16,
      enableBackpressure: true
    })
    return (
      <p>
        {isConnected ? 'Connected' : 'Disconnected'} {metrics.messageCount} {metrics.averageLatency.toFixed(1)}ms{' '}
        {data.at(-1)?.id}
      </p>
    )
  }

  function scene(): { outlet: HandOutlet; frames: HandFrames; streamer: RunStreamer } {
    const outlet = new HandOutlet()
    const frames = new HandFrames()
    const options = { clock: new FrameClock(frames), visibility: new HandVisibility() }
    return { outlet, frames, streamer: new RunStreamer({ outlet: () => outlet.stream }, options) }
  }

  it('useStreamData follows a node from connected to disconnected', async () => {
    const { outlet, streamer } = scene()
    const place = await show(
      <StreamsProvider streams={streamer}>
        <MyWidget streamId="sensor" />
      </StreamsProvider>
    )
    expect(place.textContent).toContain('Connected 0 0.0ms')
    outlet.push(numbered(0, 5))
    outlet.push(numbered(5, 3))
    await shown(() => place.textContent.includes('Connected 8 ') && place.textContent.endsWith('ms 7'))
    outlet.end()
    await shown(() => place.textContent.startsWith('Disconnected 8'))
  })

  it('useStreamData outside of a provider says what is missing', async () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await expect(show(<MyWidget streamId="sensor" />)).rejects.toThrow('put <StreamsProvider')
    quiet.mockRestore()
  })

  it('components draw a node and dispose what they made when they leave', async () => {
    const { outlet, frames, streamer } = scene()
    const place = await show(
      <StreamsProvider streams={streamer}>
        <LineChart nodeId="sensor" title="Load" y={['id']} />
      </StreamsProvider>
    )
    expect(place.querySelectorAll('.weir-widget')).toHaveLength(1)
    await act(async () => {
      outlet.push(numbered(0, 5))
      await settle()
      frames.step()
    })
    expect(place.querySelector('canvas')?.getAttribute('aria-roledescription')).toBe('line chart')
    expect(place.querySelector('.weir-legend')?.textContent).toContain('id')
    await act(async () => {
      root?.unmount()
      root = undefined
      await settle()
    })
    expect(document.querySelector('.weir-widget')).toBeNull()
    outlet.push(numbered(5, 2))
    await settle()
    expect(streamer.counts('sensor').unseen).toBe(2)
  })

  it('a view in the shape of the specification is fed, ended and says why it failed', async () => {
    const { outlet, frames, streamer } = scene()
    const view = new TextView({ title: 'Newest', clock: streamer.clock })
    const widget = streamingWidget(view, { id: 'w', nodeId: 'n', stream: streamer.createStream('n') })
    streamer.subscribeToNode('n', widget)
    outlet.push(numbered(0, 3))
    await settle()
    frames.step()
    expect(view.element.querySelector('.weir-text-value')?.textContent).toBe('2')
    expect(widget.render(numbered(9, 1))).toBe(widget.render(numbered(9, 1)))
    outlet.fail(new Error('the engine failed'))
    await settle()
    expect(view.status).toEqual({ is: 'failed', why: 'the engine failed' })
  })
})

describe('observableOf', () => {
  it('gives what a stream gives, then completes', async () => {
    const seen: number[] = []
    await new Promise<void>((resolve) => {
      observableOf(streamOf([1, 2, 3])).subscribe({ next: (value) => seen.push(value), complete: resolve })
    })
    expect(seen).toEqual([1, 2, 3])
  })

  it('cancels the stream when the subscriber leaves, and passes errors on', async () => {
    const cancelled = vi.fn()
    const subscription = observableOf(new ReadableStream({ cancel: cancelled })).subscribe()
    subscription.unsubscribe()
    await settle()
    expect(cancelled).toHaveBeenCalledOnce()
    const failed = vi.fn()
    const broken = new ReadableStream({
      pull: (controller) => {
        controller.error(new Error('gone'))
      }
    })
    observableOf(() => broken).subscribe({ error: failed })
    await settle()
    expect(failed).toHaveBeenCalledOnce()
  })
})

describe('messages of a frame', () => {
  it('are taken only in the shapes that widgets send', () => {
    expect(fromFrame({ type: 'ready' })).toEqual({ type: 'ready' })
    expect(fromFrame({ type: 'taken', batches: 2, more: 1 })).toEqual({ type: 'taken', batches: 2 })
    for (const strange of [
      null,
      'ready',
      7,
      {},
      { type: 'eval', code: '1' },
      { type: 'taken', batches: -1 },
      { type: 'taken', batches: 0.5 },
      { type: 'taken', batches: '1' },
      { type: 'failed', why: {} }
    ]) {
      expect(fromFrame(strange)).toBeUndefined()
    }
    expect(fromFrame({ type: 'failed', why: 'x'.repeat(9000) })).toEqual({ type: 'failed', why: 'x'.repeat(500) })
  })
})
