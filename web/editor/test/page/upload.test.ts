// Files of this browser go with a flow: only what is read, a few at a time, nothing replaced unasked, nothing lost on the way.
import { openFlow } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import { describe, expect, it } from 'vitest'
import { checklistOf } from '../../src/page/move/checklist.ts'
import type { Offer } from '../../src/page/move/checklist.ts'
import { movedText } from '../../src/page/move/move-flow.ts'
import { isThere, kAtOnce, Upload, UploadStopped } from '../../src/page/move/upload.ts'
import type { PutFile } from '../../src/page/move/upload.ts'
import { UploadPace } from '../../src/page/move/upload-pace.ts'
import { offerWords, stateWords } from '../../src/page/move/upload-part.tsx'
import { foldersThere, kMostFileBytes, planUpload, readGlobs, whyNot } from '../../src/page/move/upload-plan.ts'
import type { UploadFile, UploadPlan } from '../../src/page/move/upload-plan.ts'
import { mountsToGo, togetherOf } from '../../src/page/move/use-uploads.ts'

const TEXT = `{
  "id": "orders",
  "version": "1.0.0",
  "nodes": [
    {"id": "read", "typeId": "files/csv-read", "version": "1.0.0",
     "settings": {"path": "orders:2026/**/*.csv", "morePaths": ["/data/x.csv", "old:y.csv", "own.csv"]}},
    {"id": "list", "typeId": "files/list", "version": "1.0.0", "settings": {"path": "old:*.log", "recursive": true}},
    {"id": "write", "typeId": "files/csv-write", "version": "1.0.0", "settings": {"path": "out:sum.csv"}}
  ],
  "edges": []
}`

function flow(): FlowDocument {
  const opened = openFlow(TEXT)
  if (opened.state !== 'open') throw new Error('it is no flow')
  return opened.document
}

const OFFER: Offer = {
  nodes: new Set(['files/csv-read', 'files/list', 'files/csv-write']),
  mounts: new Set(),
  secrets: new Set(),
  flows: new Set(),
  schedules: true
}

function planOf(files: readonly UploadFile[]): UploadPlan {
  return {
    mount: 'orders',
    into: 'orders',
    files,
    refused: [],
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    unknown: []
  }
}

function many(number: number): UploadFile[] {
  return Array.from({ length: number }, (_, at) => ({ path: `${at}.csv`, bytes: 4 }))
}

/** A server's folder in memory, and what it was asked. */
class FakeThere {
  readonly files = new Map<string, string>()
  readonly asked: string[] = []
  now = 0
  most = 0
  /** Thrown instead of an answer. */
  fails: (path: string) => Error | undefined = () => undefined

  readonly put: PutFile = async (path, file, { replace, signal }) => {
    this.asked.push(path)
    this.most = Math.max(this.most, ++this.now)
    try {
      await Promise.resolve()
      if (signal.aborted) throw new DOMException('', 'AbortError')
      const failure = this.fails(path)
      if (failure !== undefined) throw failure
      if (this.files.has(path) && !replace) return 'there'
      this.files.set(path, await file.text())
      return 'put'
    } finally {
      --this.now
    }
  }
}

/** Opens files, and counts how often. */
class FakeHere {
  readonly opened: string[] = []
  gone = new Set<string>()
  readonly open = (path: string): Promise<File | undefined> => {
    this.opened.push(path)
    return Promise.resolve(this.gone.has(path) ? undefined : new File(['here'], path))
  }
}

function going(files: readonly UploadFile[]) {
  const [here, there] = [new FakeHere(), new FakeThere()]
  let clock = 0
  const pace = new UploadPace(() => ++clock)
  const upload = new Upload(planOf(files), here.open, there.put, pace)
  return { here, there, pace, upload, state: () => upload.store.getState() }
}

describe('what goes', () => {
  it('is what readers look for, by mount; not what is written, and no whole paths', () => {
    expect(readGlobs(flow())).toEqual(
      new Map([
        ['orders', ['orders:2026/**/*.csv']],
        ['old', ['old:y.csv', 'old:**/*.log']],
        ['project', ['own.csv']]
      ])
    )
    expect(mountsToGo(flow(), ['/data/x.csv', 'old', 'orders', 'out'])).toEqual(['old', 'orders', 'out', 'project'])
  })

  it('is listed with what cannot go and why, before anything does', async () => {
    const list = () =>
      Promise.resolve([
        { path: 'orders:a.csv', bytes: 10 },
        { path: 'orders:large.csv', bytes: kMostFileBytes + 1 },
        { path: 'orders:.hidden/b.csv', bytes: 1 },
        { path: 'other:c.csv', bytes: 1 }
      ])
    const open = () => Promise.resolve(undefined)
    const plan = await planUpload('orders', 'orders', ['orders:**', 'orders:${param:day}.csv'], { list, open })
    expect(plan.files).toEqual([{ path: 'a.csv', bytes: 10 }])
    expect(plan.bytes).toBe(10)
    expect(plan.refused.map(({ path }) => path)).toEqual(['large.csv', '.hidden/b.csv'])
    expect(plan.refused[0]?.why).toContain('at most')
    expect(plan.unknown).toEqual(['orders:${param:day}.csv'])
  })

  it('asks for no list where the flow only writes', async () => {
    const fail = () => Promise.reject(new Error('it was asked'))
    const plan = await planUpload('out', 'out', [], { list: fail, open: fail })
    expect(plan.files).toEqual([])
  })

  it('names what a server refuses by the path that a file has there', () => {
    expect(whyNot('a/b.csv', kMostFileBytes)).toBe('')
    expect(whyNot('Zahlen für März.csv', 0)).toBe('')
    expect(whyNot('a\\b', 1)).toContain('\\')
    expect(whyNot('a/\u0007', 1)).toContain('control')
    expect(whyNot('a/../b', 1)).toContain('dot')
    expect(whyNot('a//b', 1)).toContain('without a name')
    expect(whyNot('ü'.repeat(101), 1)).toContain('200 bytes')
    expect(whyNot('a/'.repeat(32) + 'b', 1)).toContain('32 folders')
    expect(whyNot(`${'a'.repeat(199)}/`.repeat(6), 1)).toContain('1,024')
  })

  it('has a folder of its own for each mount, in which no glob character is', () => {
    expect([...foldersThere(['orders', 'a[b', 'a-b', '..'])]).toEqual([
      ['orders', 'orders'],
      ['a[b', 'a-b'],
      ['a-b', 'a-b-2'],
      ['..', 'files']
    ])
  })

  it('is read there by the same flow', () => {
    const mounts = new Map([
      ['orders', 'project/orders'],
      ['out', 'project/out']
    ])
    const moved = movedText(flow(), { id: 'orders', mounts })
    expect(moved).toContain('"orders/2026/**/*.csv"')
    expect(moved).toContain('"out/sum.csv"')
    expect(moved).toContain('"old:y.csv"')
    const lines = checklistOf(flow(), OFFER, { mounts, planned: 0 })
    expect(lines.find(({ name }) => name === 'folders')?.words).toBe('folders that are not there: /data/x.csv, old')
  })
})

describe('an upload', () => {
  it('of 10,000 files has four under way, and opens each once', { timeout: 60_000 }, async () => {
    const { here, there, upload, state } = going(many(10_000))
    await upload.go()
    expect(there.most).toBe(kAtOnce)
    expect(there.files.size).toBe(10_000)
    expect(here.opened.length).toBe(10_000)
    expect(state()).toMatchObject({ done: 10_000, bytes: 40_000, waiting: 0 })
    expect(isThere(state())).toBe(true)
  })

  it('of an empty folder is there at once', async () => {
    const { there, upload, state } = going([])
    expect(isThere(state())).toBe(false)
    await upload.go()
    expect(isThere(state())).toBe(true)
    expect(there.asked).toEqual([])
  })

  it('replaces nothing before the person says so', async () => {
    const { there, upload, state } = going(many(3))
    there.files.set('orders/1.csv', 'theirs')
    await upload.go()
    expect(state()).toMatchObject({ done: 2, there: ['1.csv'], unsure: false })
    expect(isThere(state())).toBe(false)
    expect(there.files.get('orders/1.csv')).toBe('theirs')
    await upload.replaceTheirs()
    expect(there.files.get('orders/1.csv')).toBe('here')
    expect(there.asked.length).toBe(4)
    expect(isThere(state())).toBe(true)
  })

  it('keeps theirs', async () => {
    const { there, upload, state } = going(many(2))
    there.files.set('orders/0.csv', 'theirs')
    await upload.go()
    upload.keepTheirs()
    expect(there.files.get('orders/0.csv')).toBe('theirs')
    expect(state()).toMatchObject({ done: 2, kept: 1 })
    expect(isThere(state())).toBe(true)
  })

  it('goes on behind a file that fails, and tries that one alone again', async () => {
    const { here, there, upload, state } = going(many(10))
    here.gone.add('3.csv')
    there.fails = (path) => (path === 'orders/5.csv' ? new Error('is too large') : undefined)
    await upload.go()
    expect(state().failed).toEqual([
      { path: '3.csv', why: 'cannot be opened any more' },
      { path: '5.csv', why: 'is too large' }
    ])
    expect(state().done).toBe(8)
    here.gone.clear()
    there.fails = () => undefined
    there.asked.length = 0
    await upload.go()
    expect(there.asked.sort()).toEqual(['orders/3.csv', 'orders/5.csv'])
    expect(isThere(state())).toBe(true)
  })

  it('stops when the disk is full, and goes on with what is left', async () => {
    const { there, upload, state } = going(many(100))
    there.fails = () => (there.files.size >= 10 ? new UploadStopped('The disk of the server is full.') : undefined)
    await upload.go()
    expect(state()).toMatchObject({ phase: 'resting', problem: 'The disk of the server is full.', failed: [] })
    expect(state().done + state().waiting).toBe(100)
    expect(there.asked.length).toBeLessThan(20)
    there.fails = () => undefined
    await upload.go()
    expect(there.files.size).toBe(100)
    expect(isThere(state())).toBe(true)
  })

  it('says of a file whose answer was lost that it may have come from here', async () => {
    const { there, upload, state } = going(many(50))
    there.fails = (path) => {
      if (path !== 'orders/7.csv' || there.files.has(path)) return undefined
      there.files.set(path, 'here')
      return new UploadStopped('The server does not answer.', true)
    }
    await upload.go()
    expect(state().problem).toBe('The server does not answer.')
    await upload.go()
    expect(state()).toMatchObject({ there: ['7.csv'], unsure: true, problem: '' })
    upload.keepTheirs()
    expect(isThere(state())).toBe(true)
  })

  it('that is cancelled sends no more, and loses none', async () => {
    const { there, upload, state } = going(many(100))
    there.fails = () => {
      if (there.files.size === 20) upload.cancel()
      return undefined
    }
    await upload.go()
    expect(state().phase).toBe('resting')
    expect(state().problem).toBe('')
    expect(there.asked.length).toBeLessThan(30)
    expect(state().done + state().waiting).toBe(100)
    there.fails = () => undefined
    await upload.go()
    expect(there.files.size).toBe(100)
  })

  it('takes no file that has grown beyond what a server takes', async () => {
    const there = new FakeThere()
    const large = Object.defineProperty(new File([''], 'a.csv'), 'size', { value: kMostFileBytes + 1 })
    const pace = new UploadPace(() => 0)
    const upload = new Upload(planOf(many(1)), () => Promise.resolve(large), there.put, pace)
    await upload.go()
    expect(there.asked).toEqual([])
    expect(upload.store.getState().failed[0]?.why).toContain('at most')
  })

  it('does not begin twice', async () => {
    const { there, upload } = going(many(20))
    await Promise.all([upload.go(), upload.go()])
    expect(there.asked.length).toBe(20)
  })
})

describe('words of an upload', () => {
  it('have a time once it is known from files that went', async () => {
    const { upload, pace, state } = going(many(4))
    expect(offerWords(upload, pace)).toBe('Upload this one: 4 files, 16\u2009B')
    await upload.go()
    expect(offerWords(upload, pace)).toBe('Upload this one: 4 files, 16\u2009B, about 1 s')
    expect(stateWords(upload, state(), pace)).toBe('4 files lie in orders among its own files')
  })

  it('guess by bytes and by files', () => {
    let clock = 0
    const pace = new UploadPace(() => clock)
    pace.begin()
    for (let i = 0; i < 4; ++i) pace.add(1024 * 1024)
    clock = 1000
    pace.end()
    clock = 99_000
    expect(pace.guess(8, 8 * 1024 * 1024)).toBeCloseTo(2000)
    expect(pace.guess(0, 0)).toBe(0)
  })

  it('hold the flow back until all that began is there', async () => {
    const { there, upload } = going(many(2))
    const list = [{ mount: 'orders', upload, problem: '' }]
    expect(togetherOf(list)).toEqual({ there: new Map(), unfinished: false, busy: false })
    there.files.set('orders/1.csv', 'theirs')
    const under = upload.go()
    expect(togetherOf(list)).toMatchObject({ unfinished: true, busy: true })
    await under
    expect(togetherOf(list)).toMatchObject({ unfinished: true, busy: false })
    upload.keepTheirs()
    expect(togetherOf(list)).toEqual({
      there: new Map([['orders', 'project/orders']]),
      unfinished: false,
      busy: false
    })
  })
})
