// Streams to widgets: everybody gets everything, at the pace of the slowest; hidden tabs; the end of a node.
import type { Batch } from '@weir/engine-client'
import { createElement, type ReactElement } from 'react'
import { describe, expect, it } from 'vitest'
import { FrameClock, RunStreamer, type HiddenPolicy, type Sink, type StreamingWidget } from '../src/core.ts'
import { batchOf } from './batches.ts'
import { HandFrames, HandOutlet, HandVisibility, settle } from './fakes.ts'

function scene(hidden?: HiddenPolicy): {
  outlet: HandOutlet
  frames: HandFrames
  visibility: HandVisibility
  streamer: RunStreamer
  opened: string[]
  given: Batch[]
} {
  const outlet = new HandOutlet()
  const frames = new HandFrames()
  const visibility = new HandVisibility()
  const opened: string[] = []
  const given: Batch[] = []
  const streamer = new RunStreamer(
    {
      outlet: (node, port) => {
        opened.push(`${node}.${port}`)
        return outlet.stream
      }
    },
    {
      clock: new FrameClock(frames),
      visibility,
      giveBack: (batch) => given.push(batch),
      ...(hidden && { hidden })
    }
  )
  return { outlet, frames, visibility, streamer, opened, given }
}

class Collector implements Sink {
  rows = 0
  lost = 0
  ended = 0
  failure: unknown
  take(batch: Batch): void {
    this.rows += batch.rows
  }
  shed(rows: number): void {
    this.lost += rows
  }
  end(failure?: unknown): void {
    this.ended++
    this.failure = failure
  }
}

function widget(id: string, seen: number[]): StreamingWidget<Batch> & { disposed: number } {
  return {
    id,
    nodeId: 'n',
    stream: new ReadableStream<Batch>(),
    disposed: 0,
    render(batch: Batch): ReactElement {
      seen.push(batch.rows)
      return createElement('p', null, batch.rows)
    },
    dispose() {
      this.disposed++
    }
  }
}

const rows = (count: number): Batch => batchOf({ id: Array.from({ length: count }, (_, i) => i) })

describe('RunStreamer', () => {
  it('opens a port once, when somebody wants it, and gives all rows to all', async () => {
    const { streamer, outlet, opened, given } = scene()
    const [a, b] = [new Collector(), new Collector()]
    streamer.attach('n', a)
    streamer.attach('n.rows', b)
    outlet.push(rows(3))
    outlet.push(rows(4))
    await settle()
    expect(opened).toEqual(['n.rows'])
    expect([a.rows, b.rows]).toEqual([7, 7])
    expect(given).toHaveLength(2)
    expect(streamer.counts('n')).toEqual({ rows: 7, batches: 2, shed: 0, unseen: 0 })
  })

  it('gives streams whose slow reader holds the port up', async () => {
    const { streamer, outlet } = scene()
    const reader = streamer.createStream('n').getReader()
    expect(outlet.pulls).toBe(0)
    const first = reader.read()
    outlet.push(rows(1))
    outlet.push(rows(2))
    outlet.push(rows(3))
    expect((await first).value?.rows).toBe(1)
    await settle()
    expect(streamer.counts('n').rows).toBe(1)
    const both = await Promise.all([reader.read(), reader.read()])
    expect(both.map((one) => one.value?.rows)).toEqual([2, 3])
    outlet.end()
    expect((await reader.read()).done).toBe(true)
  })

  it('a reader that goes away lets the others go on', async () => {
    const { streamer, outlet } = scene()
    const other = new Collector()
    const reader = streamer.createStream('n').getReader()
    const first = reader.read()
    streamer.attach('n', other)
    outlet.push(rows(1))
    outlet.push(rows(2))
    await first
    await settle()
    await reader.cancel()
    await settle()
    expect(other.rows).toBe(3)
  })

  it('disposes widgets when the node ends, and those that come later', async () => {
    const { streamer, outlet } = scene()
    const seen: number[] = []
    const one = widget('w1', seen)
    streamer.subscribeToNode('n', one)
    outlet.push(rows(5))
    await settle()
    expect(one.disposed).toBe(0)
    outlet.end()
    await settle()
    expect(seen).toEqual([5])
    expect(one.disposed).toBe(1)
    const late = widget('w2', seen)
    streamer.subscribeToNode('n', late)
    expect(late.disposed).toBe(1)
  })

  it('shows what render gave once a frame, the newest', async () => {
    const { streamer, outlet, frames } = scene()
    streamer.subscribeToNode('n', widget('w', []))
    const shown: unknown[] = []
    streamer.onRender<{ props: unknown }>('w', (element) =>
      shown.push((element?.props as { children: unknown }).children)
    )
    for (const count of [1, 2, 3]) outlet.push(rows(count))
    await settle()
    expect(shown).toEqual([])
    frames.step()
    expect(shown).toEqual([3])
  })

  it('gives a widget that may draw later a batch of its own', async () => {
    const { streamer, outlet, given } = scene()
    const kept: Batch[] = []
    const later = { ...widget('later', []), render: (batch: Batch) => (kept.push(batch), createElement('p')) }
    const atOnce: Batch[] = []
    const quick = {
      ...later,
      id: 'quick',
      copies: true,
      render: (batch: Batch) => (atOnce.push(batch), createElement('p'))
    }
    streamer.subscribeToNode('n', later)
    streamer.subscribeToNode('n', quick)
    outlet.push(rows(3))
    await settle()
    expect(given).toHaveLength(1)
    expect(kept[0]?.columns[0]?.values).not.toBe(given[0]?.columns[0]?.values)
    expect(kept[0]?.columns[0]?.values).toEqual(given[0]?.columns[0]?.values)
    expect(atOnce[0]).toBe(given[0])
  })

  it('cleanup disposes a widget once and leaves the flow running', async () => {
    const { streamer, outlet } = scene()
    const seen: number[] = []
    const one = widget('w', seen)
    streamer.subscribeToNode('n', one)
    outlet.push(rows(1))
    await settle()
    streamer.cleanup('w')
    streamer.cleanup('w')
    streamer.cleanup('never there')
    outlet.push(rows(9))
    await settle()
    expect(one.disposed).toBe(1)
    expect(seen).toEqual([1])
    expect(streamer.counts('n').unseen).toBe(9)
  })

  it('ends a widget that throws, with its error, and not the others', async () => {
    const { streamer, outlet } = scene()
    const good = new Collector()
    const bad = new Collector()
    bad.take = () => {
      throw new Error('no column value')
    }
    streamer.attach('n', bad)
    streamer.attach('n', good)
    outlet.push(rows(2))
    outlet.push(rows(2))
    await settle()
    expect(String(bad.failure)).toContain('no column value')
    expect(good.rows).toBe(4)
  })

  it('says why a stream broke', async () => {
    const { streamer, outlet } = scene()
    const one = new Collector()
    streamer.attach('n', one)
    outlet.fail(new Error('the engine failed'))
    await settle()
    expect(String(one.failure)).toContain('the engine failed')
    expect(one.ended).toBe(1)
  })

  it('takes no more in a frame than its budget allows', async () => {
    const { streamer, outlet, frames } = scene()
    const one = new Collector()
    one.take = (batch) => {
      one.rows += batch.rows
      frames.time += 3
    }
    streamer.attach('n', one)
    for (let i = 0; i < 10; i++) outlet.push(rows(1))
    await settle()
    expect(one.rows).toBe(2)
    frames.step()
    await settle()
    expect(one.rows).toBe(4)
  })
})

describe('a hidden tab', () => {
  it('slows the flow: one batch, then a long wait, and all at once when it is seen', async () => {
    const { streamer, outlet, visibility } = scene('slow')
    const one = new Collector()
    streamer.attach('n', one)
    visibility.set(true)
    for (let i = 0; i < 5; i++) outlet.push(rows(1))
    await settle()
    expect(one.rows).toBe(1)
    visibility.set(false)
    await settle()
    expect(one.rows).toBe(5)
    expect(streamer.counts('n').shed).toBe(0)
  })

  it('sheds by policy, counts what it shed, and tells the widget', async () => {
    const { streamer, outlet, visibility } = scene('shed')
    const one = new Collector()
    streamer.attach('n', one)
    outlet.push(rows(1))
    await settle()
    visibility.set(true)
    outlet.push(rows(10))
    outlet.push(rows(20))
    await settle()
    visibility.set(false)
    outlet.push(rows(2))
    await settle()
    expect([one.rows, one.lost]).toEqual([3, 30])
    expect(streamer.counts('n')).toEqual({ rows: 33, batches: 4, shed: 30, unseen: 0 })
  })

  it('keeps everything by policy, without frames', async () => {
    const { streamer, outlet, visibility, frames } = scene('keep')
    const one = new Collector()
    one.take = (batch) => {
      one.rows += batch.rows
      frames.time += 100
    }
    streamer.attach('n', one)
    visibility.set(true)
    for (let i = 0; i < 5; i++) outlet.push(rows(1))
    await settle()
    expect(one.rows).toBe(5)
  })

  it('that was just hidden is not left waiting for a frame', async () => {
    const { streamer, outlet, visibility, frames } = scene('keep')
    const one = new Collector()
    one.take = (batch) => {
      one.rows += batch.rows
      frames.time += 100
    }
    streamer.attach('n', one)
    for (let i = 0; i < 3; i++) outlet.push(rows(1))
    await settle()
    expect(one.rows).toBe(1)
    visibility.set(true)
    await settle()
    expect(one.rows).toBe(3)
  })
})
