// Connections when something goes wrong beside them: bad messages, listeners that throw, engines that are closed.
import { readFile } from 'node:fs/promises'
import { LocalEngine } from '@weir/engine-client'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  BlockingBackpressureHandler,
  GracefulErrorRecovery,
  StreamEngine,
  type NodeMessage,
  type PressureEvent,
  type StreamConnection
} from '../src/index.ts'
import { until, useBuiltEngine, wasmPath } from './engine.ts'

beforeAll(useBuiltEngine)
afterEach(() => {
  vi.restoreAllMocks()
})

function message(i: number, data: unknown = i): NodeMessage {
  return { id: `m${i}`, timestamp: 1, sourceNodeId: 'a', targetNodeId: 'b', port: 'out', data }
}

function connect(engine: StreamEngine, config = {}): StreamConnection {
  return engine.getConnection(engine.createConnection('a', 'b', 'out', 'in', config))
}

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

/** What was reported, in the order in which it was. */
function reported(): unknown[] {
  const reasons: unknown[] = []
  vi.spyOn(console, 'error').mockImplementation((...words: unknown[]) => {
    reasons.push((words.at(-1) as Error).message)
  })
  return reasons
}

async function ownEngine(): Promise<LocalEngine> {
  return LocalEngine.make(await WebAssembly.compile(new Uint8Array(await readFile(wasmPath))))
}

describe('a message that the engine cannot take', () => {
  const cut = '😀'.slice(0, 1)
  it.each([
    ['a text cut within a character', cut, /half of a surrogate pair/],
    ['such a text after a backslash', { a: [`\\\\${cut}`] }, /half of a surrogate pair/],
    ['such a name', { [cut]: 1 }, /half of a surrogate pair/],
    ['600 levels', nested(600), /more than 200 levels/],
    ['one level too many', nested(201), /more than 200 levels/],
    ['a whole number of any size', 2n ** 70n, /BigInt/]
  ])('is refused alone, and all the others arrive: %s', async (_what, bad, words) => {
    const engine = new StreamEngine()
    const connection = connect(engine)
    const got: string[] = []
    connection.subscribe(({ id }) => void got.push(id))
    const writes = Array.from({ length: 50 }, (_, i) => connection.writer.write(message(i, i === 25 ? bad : i)))
    const settled = await Promise.allSettled(writes)
    expect(settled.filter((one) => one.status === 'rejected')).toMatchObject([
      { reason: { message: expect.stringMatching(words) as string } }
    ])
    await connection.writer.write(message(50))
    await connection.close()
    await connection.finished
    expect(got).toHaveLength(50)
  })

  it.each(['alone', 'together'])('is none that only looks like one: %s', async (how) => {
    const connection = connect(new StreamEngine())
    const texts = ['\\ud83d', '😀', '\\\\😀\\', 'a\u0000b', '{["'.repeat(1000)]
    const data = [...texts, nested(200), { a: nested(199) }, [nested(198), 'x'], 5, 1e300, 1e19, -1e19, { '': null }]
    const read: unknown[] = []
    connection.subscribe((one) => void read.push(one.data))
    const writes = data.map((one, i) => () => connection.writer.write(message(i, one)))
    if (how === 'together') await Promise.all(writes.map((write) => write()))
    else for (const write of writes) await write()
    await connection.close()
    await connection.finished
    expect(read).toEqual(data)
  })
})

describe('a listener that throws', () => {
  it.each(['created', 'sent', 'received', 'closed'])('changes nothing, and is told once: %s', async (type) => {
    const reasons = reported()
    const engine = new StreamEngine()
    engine.onEvent((event) => {
      if (event.type === type) throw new Error('listener')
    })
    const seen: string[] = []
    engine.onEvent((event) => void seen.push(event.type))
    const connection = connect(engine)
    const got: unknown[] = []
    connection.subscribe(({ data }) => void got.push(data))
    for (let i = 0; i < 5; i++) await connection.writer.write(message(i))
    await connection.close()
    await connection.finished
    expect(got).toEqual([0, 1, 2, 3, 4])
    await until(() => seen.includes('closed'), 'the end, told to the others')
    expect(reasons).toEqual(['listener'])
  })

  it('of backpressure changes nothing, and is told once', async () => {
    const reasons = reported()
    let told = 0
    class Throwing extends BlockingBackpressureHandler {
      onPressure(event: PressureEvent): void {
        told += 1
        throw new Error(event.kind)
      }
    }
    const engine = new StreamEngine()
    engine.setBackpressureHandler(new Throwing())
    const connection = connect(engine, { bufferSize: 4, maxBatchSize: 2 })
    const writing = Promise.all(Array.from({ length: 50 }, (_, i) => connection.writer.write(message(i))))
    await until(() => told > 0, 'pressure')
    let got = 0
    connection.subscribe(() => void (got += 1))
    await writing
    await connection.close()
    await connection.finished
    expect(got).toBe(50)
    expect(reasons).toEqual(['pressure'])
  })
})

describe('an engine that is closed while a connection goes on', () => {
  it('is an error for all who read and write, not the end', async () => {
    const own = await ownEngine()
    const engine = new StreamEngine({ engine: own })
    const told: unknown[] = []
    engine.onEvent((event) => {
      if (event.type === 'error') told.push(event.data)
    })
    const [pulled, streamed] = [connect(engine, { bufferSize: 100 }), connect(engine)]
    const reader = pulled.readable.getReader()
    const stream = streamed.stream().getReader()
    for (let i = 0; i < 20; i++) await pulled.writer.write(message(i))
    expect((await reader.read()).value?.data).toBe(0)
    const waiting = stream.read()
    waiting.catch(() => undefined)
    await streamed.metrics()
    own.close()
    const failure = { code: 'run.cancelled', message: expect.stringContaining('closed') as string }
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toMatchObject(failure)
    await expect(waiting).rejects.toMatchObject(failure)
    for (const one of [pulled, streamed]) {
      await expect(one.finished).rejects.toMatchObject(failure)
      await expect(one.writer.write(message(99))).rejects.toMatchObject(failure)
      await engine.removeConnection(one.id)
    }
    expect(told).toMatchObject([{ error: failure.message }, { error: failure.message }])
  })

  it('is nothing to those who ended the connection themselves', async () => {
    const own = await ownEngine()
    const engine = new StreamEngine({ engine: own })
    const told: unknown[] = []
    engine.onEvent((event) => {
      if (event.type === 'error') told.push(event.data)
    })
    const [cancelled, disposed] = [connect(engine), connect(engine)]
    await cancelled.writer.write(message(1))
    await cancelled.readable.cancel()
    await cancelled.finished
    const read = disposed.readable.getReader().read()
    await engine.dispose()
    own.close()
    expect(await read).toMatchObject({ done: true })
    await disposed.finished
    expect(told).toEqual([])
  })

  it('that cannot be had ends what was begun, also when it was aborted before', async () => {
    const engine = new StreamEngine({ engine: Promise.reject(new Error('no engine here')) })
    const [failed, aborted] = [connect(engine), connect(engine)]
    await aborted.abort().catch(() => undefined)
    await aborted.finished
    await expect(failed.finished).rejects.toThrow('no engine here')
    await engine.removeConnection(failed.id)
  })
})

describe('dispose', () => {
  it('ends recovery too: no subscriber is called any more', async () => {
    const engine = new StreamEngine()
    const recovery = new GracefulErrorRecovery({ failures: 3, openMs: 60 })
    engine.setErrorRecovery(recovery)
    const connection = connect(engine, { retryDelay: 1 })
    let calls = 0
    connection.subscribe(() => {
      calls += 1
      throw new Error('always')
    })
    for (let i = 0; i < 5; i++) await connection.writer.write(message(i))
    await until(() => recovery.stateOf(connection.id) === 'open', 'an open breaker')
    await engine.dispose()
    const before = calls
    await until(() => recovery.stateOf(connection.id) === 'half-open', 'the end of the open time')
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(calls).toBe(before)
    await connection.finished
  })
})
