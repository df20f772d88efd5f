// Differences and merges of flows, asked of the engine here and of a server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FlowError, LocalEngine, ServerEngine, type Engine } from '../src/index.ts'
import { ApiServer } from './api-server.ts'
import { counting, flowOf, type FlowDocument } from './flows.ts'
import { engineModule } from './module.ts'

const filter = (condition: string, more: object = {}): object => ({
  id: 'few',
  typeId: 'logic/filter',
  settings: { condition },
  ...more
})
const few = (condition: string, rows = 10, more: object = {}): FlowDocument =>
  flowOf([counting(rows), filter(condition, more)], [['count', 'few']])

const places: Record<string, () => Promise<{ engine: Engine; close: () => Promise<void> }>> = {
  'the engine in this thread': async () => {
    const engine = await LocalEngine.make(await engineModule())
    return { engine, close: () => Promise.resolve() }
  },
  'a server': async () => {
    const server = await ApiServer.start()
    const engine = await ServerEngine.connect({ url: server.url, retryDelayMs: 5, timeoutMs: 30_000 })
    return { engine, close: () => server.close() }
  }
}

describe.each(Object.entries(places))('flows compared by %s', (_name, open) => {
  let engine: Engine
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ engine, close } = await open())
  })
  afterAll(async () => {
    engine.close()
    await close()
  })

  it('differ by what they say, and not by where things stand', async () => {
    const moved = few('row.id > 1', 10, { position: { x: 5, y: 6 } })
    expect(await engine.diff(few('row.id > 1'), moved)).toMatchObject({ same: true, parts: [] })
    expect((await engine.diff(few('row.id > 1'), moved, { all: true })).same).toBe(false)
    const diff = await engine.diff(few('row.id > 1'), few('row.id > 2'), { format: 'markdown' })
    expect(diff).toMatchObject({
      flow: 'test',
      same: false,
      summary: '1 node changed',
      parts: [
        {
          part: 'node',
          id: 'few',
          change: 'changed',
          differences: [
            {
              path: 'settings.condition',
              pointer: '/nodes/1/settings/condition',
              before: 'row.id > 1',
              after: 'row.id > 2'
            }
          ]
        }
      ]
    })
    expect(diff.text).toContain('**node** `few`')
  })

  it('merge where each changed something else', async () => {
    const base = few('row.id > 1')
    const merge = await engine.merge({ base, ours: few('row.id > 2'), theirs: few('row.id > 1', 20) })
    expect(merge.conflicts).toEqual([])
    expect(JSON.parse(merge.text)).toMatchObject({
      nodes: [{ settings: { rows: 20 } }, { settings: { condition: 'row.id > 2' } }]
    })
    expect(merge.text).toBe(await engine.format(merge.text))
  })

  it('say both values where both changed one', async () => {
    const merge = await engine.merge({ base: few('row.id > 1'), ours: few('row.id > 2'), theirs: few('row.id > 3') })
    expect(merge.conflicts).toMatchObject([
      {
        kind: 'changed',
        where: "node 'few', settings.condition",
        pointer: '/nodes/1/settings/condition',
        base: 'row.id > 1',
        ours: 'row.id > 2',
        theirs: 'row.id > 3'
      }
    ])
    expect(merge.text).toContain('row.id > 2')
    expect(merge.theirs).toContain('row.id > 3')
  })

  it('are validated once merged: what is valid on each side only is a conflict', async () => {
    const parameters = [{ name: 'least', type: 'integer', default: 1 }]
    const base = { ...few('row.id > 1'), parameters }
    const theirs = { ...few('row.id > params.least'), parameters }
    const merge = await engine.merge({ base, ours: few('row.id > 1'), theirs })
    expect(merge.conflicts).toMatchObject([{ kind: 'invalid' }])
    expect(merge.conflicts[0]?.message).toContain('least')
  })

  it('merge without a base, and refuse what is no flow', async () => {
    const both = await engine.merge({ ours: few('row.id > 1'), theirs: few('row.id > 1') })
    expect(both.conflicts).toEqual([])
    const failure = await engine.merge({ ours: few('row.id > 1'), theirs: '{"id": 1' }).catch((one: unknown) => one)
    expect(failure).toBeInstanceOf(FlowError)
    await expect(engine.diff('{', few('row.id > 1'))).rejects.toBeInstanceOf(FlowError)
  })
})

describe('LocalEngine', () => {
  it('says which of the documents is no flow', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const failure = await engine.diff(few('row.id > 1'), '{').catch((one: unknown) => one)
    expect(failure).toMatchObject({ document: 'after' })
    expect((failure as Error).message).toContain("'after': ")
  })
})
