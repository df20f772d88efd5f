// A mixed folder: its kinds of files are listed before anything is made of them.
import { useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import type { FileKind } from './readers.ts'

interface FilesProps {
  kinds: readonly FileKind[]
  /** What could not be opened, and whether there are more than were taken. */
  unreadable: readonly string[]
  more: boolean
  take: (kinds: readonly FileKind[]) => void
  close: () => void
}

/** Open while it is there; the kind with the most files is chosen. */
export function FilesDialog({ kinds, unreadable, more, take, close }: FilesProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(kinds.slice(0, 1).map((kind) => kind.name)))
  const toggle = (name: string) => {
    const next = new Set(chosen)
    if (!next.delete(name)) next.add(name)
    setChosen(next)
  }
  return (
    <Dialog
      open
      close={close}
      title="Files of several kinds"
      about="Each kind gets a reader of its own. Files are read where they are: nothing leaves your machine."
    >
      <div className="grid gap-2">
        {kinds.map((kind) => (
          <Check
            key={kind.name}
            checked={chosen.has(kind.name)}
            set={() => {
              toggle(kind.name)
            }}
          >
            {count(kind.paths.length)} {kind.name}, such as {kind.paths[0] ?? ''}
          </Check>
        ))}
      </div>
      {unreadable.length > 0 && <p className="text-warn">▲ {count(unreadable.length)} could not be opened.</p>}
      {more && <p className="text-warn">▲ There are more than are taken at a time.</p>}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button
          look="main"
          disabled={chosen.size === 0}
          onClick={() => {
            take(kinds.filter((kind) => chosen.has(kind.name)))
          }}
        >
          Read them
        </Button>
      </div>
    </Dialog>
  )
}
