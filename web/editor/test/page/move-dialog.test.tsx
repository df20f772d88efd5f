// @vitest-environment happy-dom
// The dialog of a move: the files of a folder are offered, go, and only then does the flow.
import { Catalogue, openFlow } from '@weir/flow-model'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { afterEach, describe, expect, it } from 'vitest'
import { MoveDialog } from '../../src/page/move/move-dialog.tsx'
import type { Move } from '../../src/page/move/checklist.ts'
import type { RunPlace } from '../../src/run/shown-run.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { SessionContext } from '../../src/session/use-session.ts'
import { MemoryHome } from './homes.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const TEXT = `{
  "id": "orders",
  "version": "1.0.0",
  "nodes": [
    {"id": "read", "typeId": "files/csv-read", "version": "1.0.0", "settings": {"path": "orders:*.csv"}}
  ],
  "edges": []
}`

let root: Root | undefined

afterEach(() => {
  act(() => {
    root?.unmount()
  })
  root = undefined
})

async function shown(refusal = '') {
  const opened = openFlow(TEXT)
  if (opened.state !== 'open') throw new Error('it is no flow')
  const session = new EditorSession(opened.document, new Catalogue([]), { author: 'ada' })
  const place = {
    id: 'browser',
    name: 'This browser',
    listFiles: () => Promise.resolve(['a.csv', 'b.csv'].map((name) => ({ path: `orders:${name}`, bytes: 4 }))),
    fileOf: (_: string, path: string) => Promise.resolve(new File(['here'], path))
  } as unknown as RunPlace
  session.run.setState({ place, places: [place] })
  const [home, put, arrived] = [new MemoryHome(), [] as string[], [] as string[]]
  const move: Move = {
    words: 'Move to server',
    to: home,
    arrived: (flow) => arrived.push(flow),
    ask: () =>
      Promise.resolve({
        nodes: new Set(['files/csv-read']),
        mounts: new Set<string>(),
        secrets: new Set<string>(),
        flows: new Set<string>(),
        schedules: true
      }),
    upload: {
      refusal: () => refusal,
      to: () => (path) => {
        put.push(path)
        return Promise.resolve('put')
      }
    }
  }
  const body = document.createElement('div')
  document.body.append(body)
  root = createRoot(body)
  await act(async () => {
    root?.render(
      <SessionContext value={session}>
        <MoveDialog move={move} close={() => undefined} />
      </SessionContext>
    )
    await settled()
  })
  return { home, put, arrived }
}

function settled(): Promise<void> {
  return new Promise((done) => setTimeout(done, 20))
}

function button(words: string): HTMLButtonElement {
  const found = [...document.querySelectorAll('button')].find((one) => one.textContent.startsWith(words))
  if (found === undefined) throw new Error(`there is no ${words}`)
  return found
}

async function press(words: string): Promise<void> {
  await act(async () => {
    button(words).click()
    await settled()
  })
}

describe('the dialog of a move', () => {
  it('lets the flow go once the files of its folder are there', async () => {
    const { home, put, arrived } = await shown()
    expect(button('Move to server').disabled).toBe(true)
    expect(put).toEqual([])
    await press('Upload this one: 2 files')
    expect(put).toEqual(['orders/a.csv', 'orders/b.csv'])
    expect(document.body.textContent).toContain('2 files lie in orders among its own files')
    expect(button('Move to server').disabled).toBe(false)
    await press('Move to server')
    expect(arrived).toEqual(['orders'])
    expect((await home.read('orders')).text).toContain('"orders/*.csv"')
  })

  it('tells who may not whom to ask, and offers nothing', async () => {
    await shown('Ask somebody who administers this folder.')
    expect(document.body.textContent).toContain('Ask somebody who administers this folder.')
    expect(() => button('Upload')).toThrow()
    expect(button('Move to server').disabled).toBe(true)
  })
})
