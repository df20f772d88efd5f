// The sample that follows what is chosen and edited: when it runs, and what it leaves alone.
import { rowsOf } from '@weir/engine-client'
import { Catalogue, openFlow, setValue } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { AutoSample } from '../../src/run/auto-sample.ts'
import type { EnginePlace } from '../../src/run/engine-place.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { files, flowText, hasModule, localPlace, make, ordersFlow, until } from '../places/flows.ts'

async function opened(text: string, place: EnginePlace = localPlace()): Promise<EditorSession> {
  const flow = openFlow(text)
  if (flow.state === 'broken') throw new Error('it cannot be read')
  const session = new EditorSession(flow.document, Catalogue.of([...(await place.nodes())]), { author: 'anna' })
  session.run.setState({ place, places: [place] })
  return session
}

const shownOf = (session: EditorSession) => session.run.getState().shown
const choose = (session: EditorSession, id: string): void => {
  session.selection.set([{ kind: 'nodes', id }])
}
const edit = (session: EditorSession, condition: string): void => {
  session.do([setValue('nodes', 'big', '/settings/condition', condition)], 'Change condition')
}
async function rows(session: EditorSession, node: string, port: string): Promise<number | undefined> {
  return (await shownOf(session)?.rowsOf(node, port))?.flatMap<unknown>(rowsOf).length
}

describe.skipIf(!hasModule)('the sample by itself', () => {
  it('is there when a flow is opened, writes nothing, and runs again at each edit', async () => {
    const disk = files()
    const session = await opened(ordersFlow(), localPlace({ files: disk }))
    new AutoSample(session, 1)
    await until(() => shownOf(session) !== undefined, 'the first sample')
    expect(shownOf(session)).toMatchObject({ kind: 'sample', label: 'Sample' })
    expect(await rows(session, 'big', 'match')).toBe(50)
    edit(session, 'row.id >= 90')
    await until(async () => (await rows(session, 'big', 'match')) === 10, 'the sample after the edit')
    choose(session, 'big')
    edit(session, 'row.id >= 95')
    await until(async () => (await rows(session, 'big', 'match')) === 5, 'the sample to the chosen node')
    expect(shownOf(session)?.label).toBe('Sample up to big')
    expect(disk.paths()).toEqual([])
    session.dispose()
  })

  it('says why it cannot run, and runs when it can', async () => {
    const session = await opened(ordersFlow(100, 'row.'))
    new AutoSample(session, 1)
    await until(() => session.sample.getState().problem !== '', 'the problem')
    expect(shownOf(session)).toBeUndefined()
    edit(session, 'true')
    await until(() => shownOf(session) !== undefined, 'the sample')
    expect(session.sample.getState().problem).toBe('')
    session.dispose()
  })

  it('has the rows that come to a node that is not set up', async () => {
    const session = await opened(ordersFlow(100, ''))
    choose(session, 'big')
    new AutoSample(session, 1)
    await until(() => shownOf(session) !== undefined, 'the sample of what leads there')
    expect(shownOf(session)?.label).toBe('Sample up to make')
    expect(await rows(session, 'make', 'rows')).toBe(100)
    // It is still said what is missing.
    expect(session.sample.getState().problem).not.toBe('')
    edit(session, 'row.id >= 90')
    await until(async () => (await rows(session, 'big', 'match')) === 10, 'the sample of the node itself')
    expect(session.sample.getState().problem).toBe('')
    session.dispose()
  })

  it('leaves a run alone while it goes on, and its result until something is edited', async () => {
    const session = await opened(ordersFlow())
    const place = session.run.getState().place
    new AutoSample(session, 1)
    const run = await place?.start(session.document.text(), { kind: 'test', preview: true })
    session.run.setState({ shown: run })
    await until(() => run?.facts.getState().endedAt !== undefined, 'the end of the run')
    choose(session, 'big')
    choose(session, 'make')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(shownOf(session)).toBe(run)
    edit(session, 'row.id >= 90')
    await until(() => shownOf(session)?.kind === 'sample', 'the sample')
    session.dispose()
  })

  it('does not ask what is elsewhere, nor what goes on and on', async () => {
    for (const source of [
      { id: 'make', typeId: 'http/poll', settings: { url: 'https://shop.example/' } },
      { id: 'make', typeId: 'files/watch', settings: { folder: 'in' } }
    ]) {
      const place = localPlace()
      let started = 0
      const start = place.start.bind(place)
      place.start = (...given) => {
        ++started
        return start(...given)
      }
      const session = await opened(flowText([source], []), place)
      new AutoSample(session, 1)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect({ source: source.typeId, started }).toEqual({ source: source.typeId, started: 0 })
      session.dispose()
    }
  })

  it('has the one node chosen that a dropped folder became', async () => {
    const session = await opened(flowText([make(3)], []))
    new AutoSample(session, 1)
    expect([...session.selection.ids('nodes')]).toEqual(['make'])
    await until(() => shownOf(session) !== undefined, 'the sample')
    session.dispose()
  })
})
