// Where the work is kept, and what can be done about it: a folder on the disk, a download, a backup of everything.
import { useEffect, useState } from 'react'
import type { FolderChange, FolderState } from '@weir/engine-client/storage'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { useWork } from '../versions/use-work.ts'
import type { FlowHome } from './flow-home.ts'
import type { LocalStore } from './local-store.ts'

interface KeptProps {
  home: FlowHome
  local: LocalStore | undefined
  state: FolderState | undefined
  changed: (state: FolderState) => void
  download: () => void
  close: () => void
}

/** Open while it is there. */
export function KeptDialog({ home, local, state, changed, download, close }: KeptProps) {
  const work = useWork()
  if (home.kind === 'server' || local === undefined) {
    return (
      <Dialog
        open
        close={close}
        title={`On server ${home.name}`}
        about="Every pause of two seconds is saved there. This browser keeps a copy, so that nothing is lost while the server is away."
      >
        <div className="flex justify-end">
          <Button onClick={download}>Download this flow</Button>
        </div>
      </Dialog>
    )
  }
  const folder = (ask: () => Promise<FolderState>) => () => {
    work.run(async () => {
      changed(await ask())
    })
  }
  return (
    <Dialog
      open
      close={close}
      title={state?.state === 'ready' ? `In folder ${state.name}` : 'In this browser only'}
      about={
        state?.state === 'ready'
          ? 'The file of each flow is written there after every pause of two seconds.'
          : 'Clearing the data of this site would delete it. A folder on your disk has a file of each flow, and nothing leaves your machine.'
      }
    >
      <Refusal error={work.error} />
      <div className="grid gap-2">
        {state?.state === 'none' && (
          <Button look="main" onClick={folder(() => local.folder.pick())}>
            Keep flows in a folder…
          </Button>
        )}
        {state?.state === 'ask' && (
          <Button look="main" onClick={folder(() => local.folder.allow())}>
            Allow {state.name} again
          </Button>
        )}
        {state?.state === 'ready' && (
          <Button
            onClick={folder(async () => {
              await local.folder.unlink()
              return local.folder.state()
            })}
          >
            Write there no more
          </Button>
        )}
        {state?.state === 'unsupported' && (
          <p className="text-mute">This browser cannot write to a folder; Chromium, Chrome and Edge can.</p>
        )}
        <Button onClick={download}>Download this flow</Button>
        <Button
          disabled={work.busy}
          onClick={() => {
            work.run(() => local.backUp())
          }}
        >
          Back up everything of this browser
        </Button>
      </div>
    </Dialog>
  )
}

/** The state of the linked folder, and how to tell that it is another. */
export function useFolder(local: LocalStore | undefined): [FolderState | undefined, (state: FolderState) => void] {
  const [state, setState] = useState<FolderState>()
  useEffect(() => {
    if (local === undefined) return
    let here = true
    local.folder.state().then(
      (found) => {
        if (here) setState(found)
      },
      () => undefined
    )
    return () => {
      here = false
    }
  }, [local])
  return [state, setState]
}

interface FolderConflictProps {
  local: LocalStore
  change: FolderChange
  /** The flow is to be opened anew: it has what the folder had. */
  again: () => void
  close: () => void
}

/** Somebody else changed the file of this flow: nothing is written over without being asked. */
export function FolderConflict({ local, change, again, close }: FolderConflictProps) {
  const work = useWork()
  const settle = (choice: 'theirs' | 'mine' | 'both') => () => {
    work.run(async () => {
      await local.folder.settle(change, choice)
      if (choice === 'theirs') again()
      close()
    })
  }
  const deleted = change.theirs === null
  return (
    <Dialog
      open
      close={close}
      title={deleted ? `${change.file} was deleted` : `${change.file} was changed elsewhere`}
      about="The file in your folder is not what was written there last."
    >
      <Refusal error={work.error} />
      <div className="flex flex-wrap justify-end gap-2">
        {!deleted && <Button onClick={settle('both')}>Keep both</Button>}
        <Button onClick={settle('mine')}>{deleted ? 'Write it again' : 'Write mine'}</Button>
        <Button look={deleted ? 'danger' : 'plain'} onClick={settle('theirs')}>
          {deleted ? 'Put the flow into the bin' : 'Take the file'}
        </Button>
      </div>
    </Dialog>
  )
}
