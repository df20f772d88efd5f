// LinkedFolder: a folder on the person's disk that has the canonical file of each flow; nothing in it is overwritten silently.
import { FlowError, WeirError } from '../../../errors.ts'
import type { BrowserStorage } from '../browser-storage.ts'
import type { StoredFlow } from '../flow-records.ts'
import { documentWithId } from '../flow-transfer.ts'
import {
  askFor,
  changedMeanwhile,
  ENDING,
  FolderFiles,
  permissionOf,
  type FoundFile,
  type KnownFile
} from './folder-files.ts'

/** What somebody else did in the folder: git, an editor, another tab's owner. */
export interface FolderChange {
  /** `both`: the flow was changed here, too, or a file was there before it. */
  kind: 'changed' | 'both' | 'new' | 'deleted'
  file: string
  /** Empty: there is no flow of it here. */
  flow: string
  /** What is in the file; null: it is deleted. */
  theirs: string | null
  /** The canonical text of the flow here; null: there is none. */
  mine: string | null
  /** Of the flow when this was looked at; 0: there is none. */
  revision: number
}

export type Choice = 'theirs' | 'mine' | 'both'

export interface FolderState {
  /** `ask`: call `allow` in a click. `unsupported`: this browser has no such folders. */
  state: 'unsupported' | 'none' | 'ask' | 'ready'
  name: string
  words: string
}

interface Picker {
  showDirectoryPicker?: (how: { mode: 'readwrite'; id: string }) => Promise<FileSystemDirectoryHandle>
}

const UNSUPPORTED =
  'this browser cannot write to a folder on the disk; download an export instead, or use Chromium, Chrome or Edge'

export class LinkedFolder {
  private readonly files: FolderFiles

  /** `format`: the canonical text of a document, as `Engine.format` gives it. */
  constructor(
    private readonly storage: BrowserStorage,
    private readonly format: (document: string) => Promise<string>
  ) {
    this.files = new FolderFiles(storage.parts.connection)
  }

  async state(): Promise<FolderState> {
    const handle = await this.files.handle()
    if (!handle) {
      if (!(globalThis as Picker).showDirectoryPicker) return { state: 'unsupported', name: '', words: UNSUPPORTED }
      return { state: 'none', name: '', words: 'no folder is linked' }
    }
    const { name } = handle
    if ((await permissionOf(handle)) === 'granted') return { state: 'ready', name, words: `saved in folder ${name}` }
    return { state: 'ask', name, words: `allow folder ${name} again` }
  }

  /** Lets the person choose a folder; in a click only. */
  async pick(): Promise<FolderState> {
    const { showDirectoryPicker } = globalThis as Picker
    if (!showDirectoryPicker) throw new WeirError('storage.folder_unavailable', UNSUPPORTED)
    return this.link(await showDirectoryPicker({ mode: 'readwrite', id: 'weir-flows' }))
  }

  async link(handle: FileSystemDirectoryHandle): Promise<FolderState> {
    if (!(await askFor(handle))) {
      throw new WeirError(
        'storage.folder_denied',
        `the browser was not allowed to write to the folder '${handle.name}'`
      )
    }
    await this.files.link(handle)
    return this.state()
  }

  /** After a reload: one question of the browser; in a click only. */
  async allow(): Promise<FolderState> {
    const handle = await this.files.handle()
    if (handle) await askFor(handle)
    return this.state()
  }

  /** Its files stay as they are. */
  unlink(): Promise<void> {
    return this.files.link(undefined)
  }

  /**
   * Writes the canonical file of a flow that was saved, or deletes that of one that is gone. If somebody else changed the
   * file, it stays as it is, and the answer is what to ask the person about.
   */
  async save(flow: string): Promise<FolderChange | undefined> {
    const known = (await this.files.known()).find((one) => one.flow === flow)
    const stored = await this.storage.flows.find(flow)
    if (!stored || stored.binnedAt !== null) return known && this.removeFile(known)
    const mine = await this.canonical(stored.document)
    const file = known?.file ?? (await this.freeName(flow))
    const found = await this.files.read(file)
    const change = { file, flow, mine, revision: stored.revision }
    if (known && !found) return { kind: 'deleted', theirs: null, ...change }
    const isTheirs = found !== undefined && found.text !== known?.text && found.text !== mine
    if (isTheirs) return { kind: 'both', theirs: found.text, ...change }
    await this.write(stored, file, mine, found)
    return undefined
  }

  /** What somebody else did since the files were last the same as the flows. */
  async look(): Promise<FolderChange[]> {
    const known = new Map((await this.files.known()).map((one) => [one.file, one]))
    const changes: FolderChange[] = []
    for (const file of await this.files.list()) {
      const found = await this.files.read(file)
      const before = known.get(file)
      known.delete(file)
      if (!found || found.text === before?.text) continue
      const change = await this.changeOf(found, before)
      if (change) changes.push(change)
    }
    for (const { file, flow } of known.values()) {
      const stored = flow === '' ? undefined : await this.storage.flows.find(flow)
      if (!stored || stored.binnedAt !== null) {
        await this.files.forget(file)
        continue
      }
      const mine = await this.canonical(stored.document)
      changes.push({ kind: 'deleted', file, flow, theirs: null, mine, revision: stored.revision })
    }
    return changes
  }

  /** Does what the person chose. Throws storage.folder_changed or storage.changed if either side changed once more. */
  async settle(change: FolderChange, choice: Choice): Promise<void> {
    const { file, flow, theirs } = change
    const found = await this.files.read(file)
    if ((found?.text ?? null) !== theirs) throw changedMeanwhile(file)
    if (change.kind === 'new') {
      if (choice === 'mine') await this.files.remember({ ...toKnown(found, file), flow: '', revision: 0 })
      else await this.take(found)
      return
    }
    if (theirs === null && choice === 'theirs') {
      await this.storage.flows.bin(flow, change.revision)
      await this.files.forget(file)
      return
    }
    if (choice === 'theirs' && theirs !== null) {
      const { revision } = await this.storage.flows.replace(flow, change.revision, { document: theirs })
      await this.files.remember({ ...toKnown(found, file), flow, revision })
      return
    }
    const stored = await this.storage.flows.read(flow)
    if (choice === 'both' && theirs !== null) await this.takeAside(theirs, flow)
    await this.write(stored, file, await this.canonical(stored.document), found)
  }

  /** Looks when the page comes to the front, and every so often while it is there; the answer ends it. */
  watch(onChanges: (changes: FolderChange[]) => void, everyMs = 5_000): () => void {
    let isLooking = false
    const look = async (): Promise<void> => {
      if (isLooking || document.hidden || (await this.state()).state !== 'ready') return
      isLooking = true
      try {
        const changes = await this.look()
        if (changes.length > 0) onChanges(changes)
      } finally {
        isLooking = false
      }
    }
    // A folder that is away for a moment is looked at the next time.
    const attempt = (): void => void look().catch(() => undefined)
    const timer = setInterval(attempt, everyMs)
    addEventListener('focus', attempt)
    document.addEventListener('visibilitychange', attempt)
    return () => {
      clearInterval(timer)
      removeEventListener('focus', attempt)
      document.removeEventListener('visibilitychange', attempt)
    }
  }

  private async changeOf(found: FoundFile, before: KnownFile | undefined): Promise<FolderChange | undefined> {
    const { file, text: theirs } = found
    const flow = before?.flow ?? idOf(theirs)
    const stored = flow === '' ? undefined : await this.storage.flows.find(flow)
    if (!stored || stored.binnedAt !== null) {
      return { kind: 'new', file, flow: '', theirs, mine: null, revision: 0 }
    }
    const mine = await this.canonical(stored.document)
    if (mine === theirs) {
      await this.files.remember({ ...toKnown(found, file), flow, revision: stored.revision })
      return undefined
    }
    const isMineChanged = !before || stored.revision !== before.revision
    return { kind: isMineChanged ? 'both' : 'changed', file, flow, theirs, mine, revision: stored.revision }
  }

  private async removeFile(known: KnownFile): Promise<FolderChange | undefined> {
    const found = await this.files.read(known.file)
    if (found && found.text !== known.text) {
      return { kind: 'new', file: known.file, flow: '', theirs: found.text, mine: null, revision: 0 }
    }
    if (found) await this.files.remove(known.file)
    await this.files.forget(known.file)
    return undefined
  }

  private async write(flow: StoredFlow, file: string, text: string, before: FoundFile | undefined): Promise<void> {
    const written = before?.text === text ? before : await this.files.write(file, text, before)
    await this.files.remember({ ...toKnown(written, file), flow: flow.id, revision: flow.revision })
  }

  /** Their file becomes a flow. */
  private async take(found: FoundFile | undefined): Promise<void> {
    if (!found) return
    const { file, text } = found
    const name = file.slice(0, -ENDING.length)
    const wanted = idOf(text) || name
    const id = await this.freeId(wanted)
    const { revision } = await this.storage.flows.create({ id, name, document: documentWithId(text, wanted, id) })
    await this.files.remember({ ...toKnown(found, file), flow: id, revision })
  }

  /** Their text becomes a flow of its own, in a file of its own. */
  private async takeAside(text: string, flow: string): Promise<void> {
    const id = await this.freeId(flow)
    const name = `${flow} (from the folder)`
    await this.storage.flows.create({ id, name, document: documentWithId(text, flow, id) })
    await this.save(id)
  }

  private async freeId(wanted: string): Promise<string> {
    let id = wanted
    for (let number = 2; await this.storage.flows.find(id); number++) id = `${wanted}-${number}`
    return id
  }

  private async freeName(flow: string): Promise<string> {
    const taken = new Set((await this.files.known()).map(({ file }) => file))
    const base = flow.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/u, '') || 'flow'
    let file = base + ENDING
    for (let number = 2; taken.has(file); number++) file = `${base}-${number}${ENDING}`
    return file
  }

  /** A document that is not valid yet is kept as it is; if the engine itself failed, nobody knows. */
  private async canonical(document: string): Promise<string> {
    return this.format(document).catch((reason: unknown) => {
      if (reason instanceof WeirError && !(reason instanceof FlowError)) throw reason
      return document
    })
  }
}

function toKnown(found: FoundFile | undefined, file: string): { file: string; text: string; modified: number } {
  return { file, text: found?.text ?? '', modified: found?.modified ?? 0 }
}

function idOf(text: string): string {
  try {
    const document = JSON.parse(text) as { id?: unknown } | null
    return typeof document?.id === 'string' ? document.id : ''
  } catch {
    return ''
  }
}
