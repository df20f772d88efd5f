// After a reload: one bar that has every folder of the flow allowed again, or chosen again where the browser forgot it.
import { useCallback, useEffect, useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import type { Dropped } from '@weir/engine-client/browser'
import { usePart, useRevision, useSession } from '../../session/use-session.ts'
import { mountsOf } from '../move/checklist.ts'
import { FolderButton } from './file-button.tsx'
import type { GivenFolders } from './given-folders.ts'

interface Needed {
  /** The browser asks before they can be read. */
  waiting: readonly string[]
  /** They have to be chosen. */
  lost: readonly string[]
}

const kNothing: Needed = { waiting: [], lost: [] }

/** Absent while everything that the flow reads can be read, and where it does not run in this browser. */
export function AllowAgain({ folders }: { folders: GivenFolders }) {
  const session = useSession()
  const revision = useRevision()
  const place = usePart(session.run, (state) => state.place?.id)
  const [{ waiting, lost }, setNeeded] = useState(kNothing)
  const look = useCallback(() => {
    const names = mountsOf(session.document).filter((name) => name !== 'project' && !name.startsWith('/'))
    Promise.all([folders.waiting(names), folders.lost(names)]).then(
      ([waits, gone]) => {
        setNeeded({ waiting: waits, lost: gone })
      },
      () => {
        setNeeded(kNothing)
      }
    )
  }, [folders, session])
  useEffect(() => {
    look()
    return folders.subscribe(look)
  }, [folders, look, revision])
  if (place !== 'browser' || waiting.length + lost.length === 0) return null
  const told = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      session.tell(error instanceof Error ? error.message : String(error), 'warning')
    })
  }
  const give = (name: string) => (given: Promise<Dropped>) => {
    told(given.then((files) => folders.give(name, files)))
  }
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn bg-panel px-4 py-1.5"
    >
      <span className="text-warn">
        <span aria-hidden="true">▲</span>{' '}
        {waiting.length > 0
          ? 'The browser asks again before this page may read your files. Nothing leaves your machine.'
          : `${lost.join(', ')}: this browser does not have these files now. Where its dialog speaks of uploading, it means that this page may read them: nothing leaves your machine.`}
      </span>
      {waiting.length > 0 ? (
        <Button
          onClick={() => {
            told(folders.allow(waiting))
          }}
        >
          Allow {waiting.join(', ')} again
        </Button>
      ) : (
        lost.map((name) => <FolderButton key={name} words={`Choose ${name}…`} take={give(name)} />)
      )}
    </div>
  )
}
