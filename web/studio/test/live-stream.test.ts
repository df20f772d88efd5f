// A live stream tells what comes, comes back after a refusal with growing pauses, and ends when its right has ended.
import { describe, expect, it } from 'vitest'
import { readStream, type LiveMessage, type Source, type StreamState } from '../src/api/live-stream.ts'

class HandSource implements Source {
  readyState = 1
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>()
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener)
  }
  close(): void {
    this.closed = true
  }
  tell(type: string, data: unknown): void {
    this.listeners.get(type)?.({ data: JSON.stringify(data) } as MessageEvent<string>)
  }
  refuse(): void {
    this.readyState = 2
    this.onerror?.()
  }
}

function world() {
  const sources: HandSource[] = []
  const later: { work: () => void; ms: number }[] = []
  const messages: LiveMessage[] = []
  const states: StreamState[] = []
  const stop = readStream(
    'http://weir.test/live',
    { message: (message) => messages.push(message), state: (state) => states.push(state) },
    {
      open: () => {
        const source = new HandSource()
        sources.push(source)
        return source
      },
      later: (work, ms) => {
        later.push({ work, ms })
        return () => later.splice(0)
      }
    }
  )
  const newest = () => sources.at(-1) ?? new HandSource()
  return { sources, later, messages, states, stop, newest }
}

describe('a live stream', () => {
  it('takes the data out of their frame', () => {
    const { newest, messages } = world()
    newest().tell('progress', { v: 1, type: 'progress', data: { nodes: 3 } })
    newest().tell('run-update', { state: 'done' })
    expect(messages).toEqual([
      { type: 'progress', data: { nodes: 3 } },
      { type: 'run-update', data: { state: 'done' } }
    ])
  })

  it('leaves a broken connection to the browser', () => {
    const { newest, sources, states } = world()
    newest().readyState = 0
    newest().onerror?.()
    expect(sources).toHaveLength(1)
    expect(states.at(-1)).toBe('connecting')
  })

  it('asks again after a refusal, later each time, and soon again once it was there', () => {
    const { newest, later, sources } = world()
    for (let i = 0; i < 3; ++i) {
      newest().refuse()
      later.at(-1)?.work()
    }
    expect(later.map((one) => one.ms)).toEqual([1000, 2000, 4000])
    newest().onopen?.()
    newest().refuse()
    expect(later.at(-1)?.ms).toBe(1000)
    expect(sources).toHaveLength(4)
  })

  it('ends for good when the right to it has ended, and when it is told to', () => {
    const one = world()
    one.newest().tell('closed', { code: 'auth.revoked' })
    expect(one.newest().closed).toBe(true)
    expect(one.states.at(-1)).toBe('closed')
    const other = world()
    other.stop()
    expect(other.newest().closed).toBe(true)
  })
})
