// What a run has written: which files are named, and CSV as Excel opens it.
import { Catalogue, openFlow } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import { describe, expect, it } from 'vitest'
import { excelBlob, forExcel } from '../../src/panels/bottom/excel-csv.ts'
import { findWritten } from '../../src/panels/bottom/find-written.ts'
import type { RunPlace, ShownRun } from '../../src/run/shown-run.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { startRun } from '../../src/page/run-actions.ts'
import { ended, files, flowText, hasModule, localPlace, ordersFlow } from '../places/flows.ts'

async function excel(text: string): Promise<string> {
  const blob = await excelBlob(new Blob([text]))
  return Buffer.from(await blob.arrayBuffer()).toString('utf8')
}

describe('CSV for Excel', () => {
  it('has a mark and CRLF, and its quoted line ends stay', async () => {
    expect(await excel('a,b\n1,"two\nlines"\n')).toBe('\ufeffa,b\r\n1,"two\nlines"\r\n')
    expect(await excel('a,"say ""hi""\n"\nü\n')).toBe('\ufeffa,"say ""hi""\n"\r\nü\r\n')
  })
  it('that is so already is not changed, and nothing stays nothing', async () => {
    expect(await excel('\ufeffa\r\n1\r\n')).toBe('\ufeffa\r\n1\r\n')
    expect(await excel('')).toBe('')
  })
  it('is the same in pieces of any size', async () => {
    const bytes = new TextEncoder().encode('a,b\r\n"x\ny",2\nü,3')
    for (const size of [3, 4, 7]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size)
      )
      const given = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(control) {
          for (const piece of pieces) control.enqueue(piece)
          control.close()
        }
      })
      const stream = given.pipeThrough(forExcel())
      expect(await new Response(stream).text()).toBe('a,b\r\n"x\ny",2\r\nü,3')
    }
  })
})

describe.skipIf(!hasModule)('the files of a run', () => {
  const asked: string[] = []
  async function opened(modifiedAt: number): Promise<EditorSession> {
    const place = localPlace({ files: files() })
    const written: RunPlace['written'] = (flow, path) => {
      asked.push(`${flow}/${path}`)
      const file = (): Promise<File> => Promise.resolve(new File(['x'], path))
      return Promise.resolve({ path, name: path, where: `${path}, kept in this browser`, bytes: 1, modifiedAt, file })
    }
    Object.assign(place, { written })
    const flow = openFlow(ordersFlow())
    if (flow.state === 'broken') throw new Error('it cannot be read')
    const session = new EditorSession(flow.document, Catalogue.of([...(await place.nodes())]), { author: 'anna' })
    session.run.setState({ place, places: [place] })
    return session
  }

  it('are those of its sinks, and the run ends on its result', async () => {
    const session = await opened(Date.now() + 1000)
    await startRun(session, { kind: 'test', writes: ['out'] })
    const { shown } = session.run.getState()
    if (shown === undefined) throw new Error('it does not run')
    await ended(shown)
    expect(session.view.getState().bottom).toMatchObject({ tab: 'result', open: true })
    const found = await findWritten(session, shown)
    expect(found.map(({ node, title, file }) => [node, title, file.where])).toEqual([
      ['out', 'Write CSV', 'out.csv, kept in this browser']
    ])
    expect(asked).toEqual(['orders/out.csv'])
    session.dispose()
  })

  it('are none that were there before it, none of a sample, and none elsewhere', async () => {
    const session = await opened(1)
    const { place } = session.run.getState()
    const facts = createStore(() => ({ startedAt: Date.now(), documentText: ordersFlow() }))
    const run = { kind: 'test', place: place?.name, facts } as unknown as ShownRun
    expect(await findWritten(session, run)).toEqual([])
    expect(await findWritten(session, { ...run, kind: 'sample' })).toEqual([])
    expect(await findWritten(session, { ...run, place: 'Server' })).toEqual([])
    facts.setState({ documentText: '{' })
    expect(await findWritten(session, run)).toEqual([])
    facts.setState({ documentText: flowText([{ id: 'a', typeId: 'files/csv-write' }], []) })
    expect(await findWritten(session, run)).toEqual([])
    session.dispose()
  })
})
