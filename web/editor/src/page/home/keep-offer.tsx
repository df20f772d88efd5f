// A bar after the first edit that is kept: work that is in this browser alone is offered a folder, a download, a backup.
import { Button } from '@weir/ui/button.tsx'
import type { FolderState } from '@weir/engine-client/storage'
import { useEffect, useState } from 'react'
import type { DraftKeeper } from '../drafts/draft-keeper.ts'
import { useWork } from '../versions/use-work.ts'
import type { LocalStore } from './local-store.ts'

/**
 * Why something is offered. `first`: an edit was kept for the first time; `refused`: the browser may delete what is here by
 * itself; `old`: the last copy elsewhere is older than a day.
 */
export type OfferReason = 'first' | 'refused' | 'old'

/** Once it was said no to, nothing is offered for so long. */
const kQuietMs = 24 * 3600_000
const kSaidNo = 'keep-offer-no-at'

const kWords: Readonly<Record<OfferReason, string>> = {
  first: 'Kept in this browser only. A folder on your disk, or a file, is a copy that you can find.',
  refused: 'Kept in this browser only, which may delete it when it needs room. A copy elsewhere is safe.',
  old: 'Kept in this browser only; the last copy elsewhere is older than a day.'
}

/** What is to be offered now; undefined: nothing. `persisted`: the browser has promised to delete nothing by itself. */
export async function offerOf(
  local: Pick<LocalStore, 'folder' | 'storage' | 'wantsBackUp'>,
  persisted: boolean,
  now: number
): Promise<OfferReason | undefined> {
  if ((await local.folder.state()).state === 'ready') return undefined
  const saidNo = Number((await local.storage.settings.get(kSaidNo)) ?? 0)
  if (now - saidNo < kQuietMs) return undefined
  if (await local.wantsBackUp()) return 'old'
  const copied = Number((await local.storage.settings.get('backup-at')) ?? 0)
  if (now - copied < kQuietMs) return undefined
  return persisted ? (saidNo === 0 && copied === 0 ? 'first' : undefined) : 'refused'
}

interface OfferProps {
  local: LocalStore | undefined
  keeper: DraftKeeper | undefined
  folder: FolderState | undefined
  setFolder: (state: FolderState) => void
  download: () => void
}

/** Absent until something was kept, and where there is nothing to offer. */
export function KeepOffer({ local, keeper, folder, setFolder, download }: OfferProps) {
  const [reason, setReason] = useState<OfferReason>()
  const work = useWork()
  useEffect(() => {
    if (local === undefined || keeper === undefined) return undefined
    let here = true
    const stop = keeper.state.subscribe((now, before) => {
      if (now.phase !== 'saved' || now.savedAt === before.savedAt) return
      stop()
      const look = async (): Promise<OfferReason | undefined> =>
        offerOf(local, await local.storage.persist(), Date.now())
      look().then(
        (found) => {
          if (here) setReason(found)
        },
        () => undefined
      )
    })
    return () => {
      here = false
      stop()
    }
  }, [local, keeper])
  if (reason === undefined || local === undefined || folder?.state === 'ready') return null
  const end = (): void => {
    setReason(undefined)
  }
  const refuse = (): void => {
    local.storage.settings.set(kSaidNo, Date.now()).catch(() => undefined)
    end()
  }
  return (
    <p role="status" className="flex flex-wrap items-center gap-3 border-b border-warn bg-panel px-4 py-1.5">
      <span className="text-warn">
        <span aria-hidden="true">▲</span> {work.error === null ? kWords[reason] : work.error.message}
      </span>
      {folder?.state === 'none' && (
        <Button
          disabled={work.busy}
          onClick={() => {
            work.run(async () => {
              setFolder(await local.folder.pick())
            })
          }}
        >
          Keep flows in a folder…
        </Button>
      )}
      {reason === 'first' ? (
        <Button
          onClick={() => {
            download()
            refuse()
          }}
        >
          Download this flow
        </Button>
      ) : (
        <Button
          disabled={work.busy}
          onClick={() => {
            work.run(async () => {
              await local.backUp()
              end()
            })
          }}
        >
          Back up everything
        </Button>
      )}
      <Button look="quiet" onClick={refuse}>
        Not now
      </Button>
    </p>
  )
}
