// After a reload: one bar that has every folder of the flow allowed again.
import { useCallback, useEffect, useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { useRevision, useSession } from '../../session/use-session.ts'
import { mountsOf } from '../move/checklist.ts'
import type { GivenFolders } from './given-folders.ts'

/** Absent while the browser lets the page read everything that the flow reads. */
export function AllowAgain({ folders }: { folders: GivenFolders }) {
  const session = useSession()
  const revision = useRevision()
  const [names, setNames] = useState<readonly string[]>([])
  const look = useCallback(() => {
    void folders.waiting(mountsOf(session.document)).then(setNames)
  }, [folders, session])
  useEffect(() => {
    look()
    return folders.subscribe(look)
  }, [folders, look, revision])
  if (names.length === 0) return null
  return (
    <p role="status" className="flex flex-wrap items-center gap-3 border-b border-warn bg-panel px-4 py-1.5">
      <span className="text-warn">
        <span aria-hidden="true">▲</span> The browser asks again before this page may read your files. Nothing leaves
        your machine.
      </span>
      <Button
        onClick={() => {
          folders.allow(names).catch((error: unknown) => {
            session.tell(error instanceof Error ? error.message : String(error), 'warning')
          })
        }}
      >
        Allow {names.join(', ')} again
      </Button>
    </p>
  )
}
