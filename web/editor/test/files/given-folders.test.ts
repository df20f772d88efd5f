// Folders after a reload: what has to be chosen or allowed again, what may be written, and where a written file is.
import 'fake-indexeddb/auto'
import type { Dropped } from '@weir/engine-client/browser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FlowFiles } from '../../src/page/files/flow-files.ts'
import { GivenFolders } from '../../src/page/files/given-folders.ts'
import { filesOfFolder, filesOfInput } from '../../src/page/files/pick-folder.ts'

function dropped(name: string, ...paths: string[]): Dropped {
  return { files: paths.map((path) => ({ path, file: new File(['x'], path) })), name, unreadable: [], more: false }
}

/** A folder as the browser gives it, as much as is used here. */
class FakeFolder {
  readonly kind = 'directory'
  readonly asked: string[] = []
  constructor(
    readonly name: string,
    private readonly entries: Record<string, FakeFolder | string> = {},
    public state: PermissionState = 'granted'
  ) {}
  *values(): Generator {
    for (const [name, entry] of Object.entries(this.entries))
      yield typeof entry === 'string'
        ? { kind: 'file', name, getFile: () => Promise.resolve(new File([entry], name)) }
        : entry
  }
  getDirectoryHandle(name: string): Promise<FakeFolder> {
    const found = this.entries[name]
    return found instanceof FakeFolder ? Promise.resolve(found) : Promise.reject(new DOMException('', 'NotFoundError'))
  }
  getFileHandle(name: string): Promise<{ getFile: () => Promise<File> }> {
    const found = this.entries[name]
    if (typeof found !== 'string') return Promise.reject(new DOMException('', 'NotFoundError'))
    return Promise.resolve({ getFile: () => Promise.resolve(new File([found], name)) })
  }
  queryPermission(): Promise<PermissionState> {
    return Promise.resolve(this.state)
  }
  requestPermission({ mode }: { mode: string }): Promise<PermissionState> {
    this.asked.push(mode)
    return Promise.resolve(this.state === 'prompt' ? (this.state = 'granted') : this.state)
  }
  get handle(): FileSystemDirectoryHandle {
    return this as unknown as FileSystemDirectoryHandle
  }
}

let names = 0
const fresh = (): string => `given-${++names}`
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('folders that were given', () => {
  it('as files alone have to be chosen again after a reload, under the same name', async () => {
    const name = fresh()
    expect(await new GivenFolders(name).take(dropped('Aufträge', 'a.csv', 'b.csv'))).toBe('Aufträge:')
    const again = new GivenFolders(name)
    expect(await again.lost(['Aufträge', 'never'])).toEqual(['Aufträge', 'never'])
    expect(await again.waiting(['Aufträge'])).toEqual([])
    await again.give('Aufträge', dropped('elsewhere', 'a.csv'))
    expect(await again.lost(['Aufträge'])).toEqual([])
    expect(Object.keys(await again.folders())).toEqual(['Aufträge'])
    expect(await again.folders((one) => one === 'other')).toEqual({})
  })

  it('never get a name of one letter, which a path would read as a drive, nor that of the own folder', async () => {
    const folders = new GivenFolders(fresh())
    expect(await folders.take(dropped('a', 'x.csv'))).toBe('files-a:')
    expect(await folders.take(dropped('project', 'x.csv'))).toBe('project-2:')
  })

  it('ask for writing once, and stay to be read where that is refused', async () => {
    const folders = new GivenFolders(fresh())
    const root = new FakeFolder('orders', {}, 'prompt')
    const source = { ...dropped('orders', 'a.csv'), root: root.handle }
    // A handle of a test cannot be kept in a database.
    await folders.give('orders', source)
    expect(await folders.mayWrite('orders')).toBe(true)
    expect(root.asked).toEqual(['readwrite'])
    expect((await folders.folders()).orders).toMatchObject({ kind: 'picked' })
    const refused = new FakeFolder('sales', {}, 'denied')
    await folders.give('sales', { ...source, root: refused.handle })
    expect(await folders.mayWrite('sales')).toBe(false)
    expect((await folders.folders()).sales).toMatchObject({ kind: 'files' })
    expect(await folders.mayWrite('nobody')).toBe(false)
  })
})

describe('what is chosen in a dialog', () => {
  it('has all files below the folder, without those that are hidden', async () => {
    const root = new FakeFolder('orders', {
      'b.csv': '1',
      '.git': new FakeFolder('.git', { x: '1' }),
      deep: new FakeFolder('deep', { 'a.csv': '22' })
    })
    const { files, name, more, unreadable } = await filesOfFolder(root.handle)
    expect(files.map((each) => each.path)).toEqual(['b.csv', 'deep/a.csv'])
    expect({ name, more, unreadable }).toEqual({ name: 'orders', more: false, unreadable: [] })
  })

  it('of an input has the name of the folder, if it was one', () => {
    const file = new File(['1'], 'a.csv')
    const at = (webkitRelativePath: string): void => {
      Object.defineProperty(file, 'webkitRelativePath', { value: webkitRelativePath, configurable: true })
    }
    at('')
    expect(filesOfInput([file])).toMatchObject({ files: [{ path: 'a.csv' }] })
    expect(filesOfInput([file]).name).toBeUndefined()
    at('orders/2026/a.csv')
    expect(filesOfInput([file])).toMatchObject({ name: 'orders', files: [{ path: '2026/a.csv' }] })
  })
})

describe('what runs of a flow read and write', () => {
  const text = JSON.stringify({
    id: 'sum',
    nodes: [
      { id: 'read', settings: { path: 'orders:**/*.csv' } },
      { id: 'out', settings: { path: 'orders:out/sum.csv' } }
    ]
  })
  const own = (root: FakeFolder): void => {
    vi.stubGlobal('navigator', { storage: { getDirectory: () => Promise.resolve(root) } })
  }

  it('are the folders that it names, and one of its own that outlives the page', async () => {
    own(new FakeFolder(''))
    const given = new GivenFolders(fresh())
    const root = new FakeFolder('orders', {}, 'prompt')
    await given.give('orders', { ...dropped('orders', 'a.csv'), root: root.handle })
    await given.take(dropped('other', 'x.csv'))
    const files = new FlowFiles(given)
    const sampled = await files.folders(text, { kind: 'sample' })
    expect(sampled).toMatchObject({ project: { kind: 'private', path: 'flow-files/sum' }, orders: { kind: 'files' } })
    expect(Object.keys(sampled)).toEqual(['project', 'orders'])
    expect(root.asked).toEqual([])
    await files.folders(text, { kind: 'test', preview: true, writes: [] })
    expect(root.asked).toEqual([])
    const written = await files.folders(text, { kind: 'test', writes: ['out'] })
    expect(root.asked).toEqual(['readwrite'])
    expect(written).toMatchObject({ orders: { kind: 'picked' } })
  })

  it('are in memory where the browser keeps no files, and of no flow that cannot be read', async () => {
    vi.stubGlobal('navigator', {})
    const files = new FlowFiles(new GivenFolders(fresh()))
    expect(await files.folders('{', { kind: 'live' })).toEqual({ project: { kind: 'memory' } })
    expect(await files.written('sum', 'sum.csv')).toBeUndefined()
  })

  it('are found again, and said as a person would', async () => {
    const kept = new FakeFolder('sum', { 'sum.csv': '12345', out: new FakeFolder('out', { 'b.csv': '1' }) })
    own(new FakeFolder('', { 'flow-files': new FakeFolder('flow-files', { sum: kept }) }))
    const given = new GivenFolders(fresh())
    const root = new FakeFolder('orders', { out: new FakeFolder('out', { 'sum.csv': '1' }) })
    await given.give('orders', { ...dropped('orders', 'a.csv'), root: root.handle })
    const files = new FlowFiles(given)
    expect(await files.written('sum', 'sum.csv')).toMatchObject({ where: 'sum.csv, kept in this browser', bytes: 5 })
    expect(await files.written('sum', './out/b.csv')).toMatchObject({ name: 'b.csv' })
    expect(await files.written('sum', 'orders:out/sum.csv')).toMatchObject({ where: 'orders / out / sum.csv' })
    for (const path of ['', 'gone.csv', '../sum.csv', 'orders:', 'orders:gone/sum.csv', 'nobody:sum.csv', 'out'])
      expect(await files.written('sum', path)).toBeUndefined()
    expect(await files.written('another', 'sum.csv')).toBeUndefined()
  })
})
