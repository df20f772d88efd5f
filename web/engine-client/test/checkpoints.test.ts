// Runs that are cut off anywhere and go on from their checkpoint leave the bytes of a run that nobody disturbed.
import { describe, expect, it } from 'vitest'
import { LocalEngine, MemoryFiles, MemoryState, type FileHost } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'

type Flow = Record<string, unknown>

const node = (id: string, typeId: string, settings: object): object => ({ id, typeId, version: '1.0.0', settings })
const edge = (id: string, from: string, to: string, port = 'rows'): object => ({
  id,
  source: { node: from, port },
  target: { node: to, port: 'rows' }
})

/** Rows go one by one into a first file, and sums of them into a second. */
const flow: Flow = {
  id: 'orders',
  version: '1.0.0',
  nodes: [
    node('read', 'files/csv-read', { path: 'data/*.csv' }),
    node('big', 'logic/filter', { condition: 'row.amount > 20' }),
    node('rows', 'files/csv-write', { path: 'out/rows.csv' }),
    node('sum', 'aggregate/group', {
      keys: ['region'],
      measures: [{ name: 'sum', function: 'sum', of: 'row.amount' }]
    }),
    node('sums', 'files/csv-write', { path: 'out/sums.csv' })
  ],
  edges: [
    edge('e1', 'read', 'big'),
    edge('e2', 'big', 'rows', 'match'),
    edge('e3', 'read', 'sum'),
    edge('e4', 'sum', 'sums')
  ]
}

function inputs(): MemoryFiles {
  const files = new MemoryFiles()
  for (let file = 0; file < 6; file++) {
    const lines = Array.from({ length: 30_000 }, (_, i) => `region-${(i * 7 + file) % 13},${i % 101},note ${i}\n`)
    files.put(`data/${file}.csv`, `region,amount,note\n${lines.join('')}`)
  }
  return files
}

const outputs = (files: MemoryFiles): (string | undefined)[] =>
  ['out/rows.csv', 'out/sums.csv'].map((path) => {
    const bytes = files.get(path)
    return bytes && new TextDecoder().decode(bytes)
  })

/** Answers nothing more once so many calls were made: the process has been killed. */
function dyingAt(files: MemoryFiles, call: number): { host: FileHost; dead: Promise<void> } {
  let left = call
  let die: () => void
  const dead = new Promise<void>((resolve) => {
    die = resolve
  })
  const host = new Proxy(files, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown
      return (...args: unknown[]): unknown => {
        if (--left > 0 || name === 'close') return left > 0 ? method.apply(target, args) : undefined
        die()
        return new Promise(() => undefined)
      }
    }
  })
  return { host, dead }
}

describe.skipIf(!hasModule)('Checkpoints of runs over files', { timeout: 120_000 }, () => {
  const checkpoints = { key: 'run:1', everyMs: 1 }

  async function undisturbed(): Promise<(string | undefined)[]> {
    const files = inputs()
    const engine = await LocalEngine.make(await engineModule(), { files })
    expect(await (await engine.run(flow)).result).toMatchObject({ outcome: 'done' })
    return outputs(files)
  }

  it('a run that is killed at any of many points, again and again, leaves the bytes of an undisturbed one', async () => {
    const wanted = await undisturbed()
    expect(wanted[0]?.length).toBeGreaterThan(1_000_000)
    let restored = 0
    for (const step of [7, 9, 12, 14, 17, 20, 23, 27, 31, 36, 41]) {
      const [files, state] = [inputs(), new MemoryState()]
      let kills = 0
      for (let isOver = false; !isOver;) {
        const { host, dead } = dyingAt(files, step + kills * 7)
        const engine = await LocalEngine.make(await engineModule(), { files: host, state })
        const run = await engine.run(flow, { runId: 'one', checkpoints, resume: true })
        const watcher = run.watch()
        watcher.onMessage((message) => {
          if (JSON.stringify(message).includes('checkpoint.restored')) restored++
        })
        void watcher.ask('subscribe', { kind: 'events' }).catch(() => undefined)
        isOver = await Promise.race([run.result.then(() => true), dead.then(() => false)])
        if (isOver) expect(await run.result).toMatchObject({ outcome: 'done' })
        else kills++
        watcher.close()
        files.closeAll()
        expect(kills, 'it gets on').toBeLessThan(100)
      }
      expect(kills).toBeGreaterThan(0)
      expect(outputs(files)).toEqual(wanted)
      expect(files.paths().filter((path) => path.includes('weir-part'))).toEqual([])
      expect(state.count('run:1')).toBe(1)
    }
    expect(restored).toBeGreaterThan(5)
  })

  it('a time between checkpoints that is no time is refused', async () => {
    const engine = await LocalEngine.make(await engineModule(), { files: inputs(), state: new MemoryState() })
    await expect(engine.run(flow, { checkpoints: { everyMs: 0 } })).rejects.toMatchObject({ code: 'settings.invalid' })
  })

  it('keeps none, and counts no rows towards one, until the time has come', async () => {
    const state = new MemoryState()
    const engine = await LocalEngine.make(await engineModule(), { files: inputs(), state })
    let commits = 0
    const commit = state.commit.bind(state)
    state.commit = (...args) => {
      commits++
      return commit(...args)
    }
    const run = await engine.run(flow, { checkpoints: { key: 'run:2', everyMs: 60_000 } })
    expect(await run.result).toMatchObject({ outcome: 'done' })
    // The run's number, twice; that everything has ended; that nothing is left to do.
    expect(commits).toBe(4)
  })
})
