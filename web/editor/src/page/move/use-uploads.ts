// The folders of this browser that can go with a flow, each with what has to go and how far it is.
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { FlowDocument } from '@weir/flow-model'
import type { RunPlace } from '../../run/shown-run.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import type { GivenFolders } from '../files/given-folders.ts'
import { errorOf } from '../versions/use-work.ts'
import type { Move } from './checklist.ts'
import { foldersThere, planUpload, readGlobs } from './upload-plan.ts'
import type { UploadPlan, UploadSource } from './upload-plan.ts'
import { isThere, Upload } from './upload.ts'
import { UploadPace } from './upload-pace.ts'

/** A folder that may go; `upload` is there once its files are listed. */
export interface Going {
  mount: string
  upload?: Upload
  /** Why its files cannot be listed; empty if they can, or are not yet. */
  problem: string
}

export interface Uploads {
  /** Why the person may not, and whom to ask. */
  refusal: string
  list: readonly Going[]
  pace: UploadPace
  /** What mounts become whose files are all there. */
  there: ReadonlyMap<string, string>
  /** Something goes, or went in part: the flow waits. */
  unfinished: boolean
  /** Something goes just now. */
  busy: boolean
}

interface Known {
  there: ReadonlyMap<string, string>
  unfinished: boolean
  busy: boolean
}

const kNone: Known = { there: new Map(), unfinished: false, busy: false }

/** What all of them together say. */
export function togetherOf(list: readonly Going[]): Known {
  const there = new Map<string, string>()
  let [unfinished, busy] = [false, false]
  for (const { mount, upload } of list) {
    const state = upload?.store.getState()
    if (upload === undefined || state === undefined || state.phase === 'ready') continue
    if (state.phase === 'going') busy = true
    if (!isThere(state)) unfinished = true
    else if (upload.plan.into !== '') there.set(mount, `project/${upload.plan.into}`)
  }
  return { there, unfinished, busy }
}

function hasBegun({ upload }: Going): boolean {
  return upload !== undefined && upload.store.getState().phase !== 'ready'
}

/** The mounts among `missing` that lie in this browser, and its own files if the flow reads of them. */
export function mountsToGo(document: FlowDocument, missing: readonly string[]): string[] {
  const own = readGlobs(document).has('project') ? ['project'] : []
  return [...missing.filter((name) => !name.startsWith('/')), ...own]
}

/** Why a folder cannot be read now; empty if it can. What cannot be read would look as if it were empty. */
async function closed(mount: string, given: GivenFolders | undefined): Promise<string> {
  if (given === undefined || mount === 'project') return ''
  const [waiting, lost] = await Promise.all([given.waiting([mount]), given.lost([mount])])
  return waiting.length + lost.length === 0
    ? ''
    : 'this page may not read them now. Close this, allow it in the bar above the flow, then come back.'
}

interface Besides {
  given: GivenFolders | undefined
  /** What is under way, or was: it is not listed again. */
  begun: readonly Going[]
}

type Make = (plan: UploadPlan, open: UploadSource['open']) => Upload

async function listed(
  document: FlowDocument,
  mounts: readonly string[],
  place: RunPlace,
  { given, begun }: Besides,
  make: Make
): Promise<Going[]> {
  const { listFiles, fileOf } = place
  if (listFiles === undefined || fileOf === undefined) return []
  const text = document.text()
  const globs = readGlobs(document)
  const folders = foldersThere(mounts.filter((name) => name !== 'project'))
  const open = (path: string) => fileOf(document.id, path)
  const source: UploadSource = { list: (wanted) => listFiles(text, wanted), open }
  return Promise.all(
    mounts.map(async (mount): Promise<Going> => {
      const known = begun.find((one) => one.mount === mount)
      if (known !== undefined) return known
      try {
        const read = globs.get(mount) ?? []
        const problem = read.length === 0 ? '' : await closed(mount, given)
        if (problem !== '') return { mount, problem }
        const plan = await planUpload(mount, folders.get(mount) ?? '', read, source)
        return {
          mount,
          problem: '',
          upload: make(plan, (path) => open(mount === 'project' ? path : `${mount}:${path}`))
        }
      } catch (reason) {
        return { mount, problem: errorOf(reason).message }
      }
    })
  )
}

/** Lists them anew for each folder there and each `turn`, but for what has begun; what goes is cancelled when the dialog is gone. */
export function useUploads(
  move: Move,
  document: FlowDocument,
  where: { folder: string; turn: number; given: GivenFolders | undefined },
  missing: readonly string[] | undefined
): Uploads {
  const session = useSession()
  const place = usePart(session.run, ({ places }) => places.find(({ id }) => id === 'browser'))
  const [list, setList] = useState<readonly Going[]>([])
  const { folder, turn, given } = where
  const refusal = move.upload?.refusal(folder) ?? ''
  const wanted = JSON.stringify(move.upload === undefined || missing === undefined ? [] : mountsToGo(document, missing))
  const pace = useMemo(() => new UploadPace(() => performance.now()), [])
  const known = useMemo<StoreApi<Known>>(() => createStore<Known>(() => kNone), [])
  const last = useRef<{ folder: string; list: readonly Going[] }>({ folder: '', list: [] })
  useEffect(() => {
    const { upload } = move
    const mounts = JSON.parse(wanted) as string[]
    const begun = last.current.folder === folder ? last.current.list.filter(hasBegun) : []
    if (begun.length === 0) {
      setList([])
      known.setState(kNone)
    }
    if (upload === undefined || place === undefined || refusal !== '' || mounts.length === 0) return undefined
    let here = true
    let ends: (() => void)[] = []
    void listed(
      document,
      mounts,
      place,
      { given, begun },
      (plan, open) => new Upload(plan, open, upload.to(folder), pace)
    ).then((found) => {
      if (!here) return
      const tell = (): void => {
        const now = togetherOf(found)
        const before = known.getState()
        if (now.busy !== before.busy || now.unfinished !== before.unfinished || now.there.size !== before.there.size)
          known.setState(now)
      }
      ends = found.flatMap(({ upload: one }) =>
        one === undefined
          ? []
          : [
              one.store.subscribe(tell),
              () => {
                one.cancel()
              }
            ]
      )
      last.current = { folder, list: found }
      setList(found)
      known.setState(togetherOf(found))
    })
    return () => {
      here = false
      for (const end of ends) end()
    }
  }, [move, document, place, given, folder, turn, wanted, refusal, pace, known])
  return { refusal, list, pace, ...useStore(known) }
}
