// Files that are dropped onto the open flow: a reader for each kind of them, or other files for the reader that is chosen.
import { useState } from 'react'
import type { DragEvent, ReactNode } from 'react'
import { droppedFiles } from '@weir/engine-client/browser'
import type { Dropped } from '@weir/engine-client/browser'
import type { Point } from '@weir/flow-model'
import { useSession } from '../../session/use-session.ts'
import { FilesDialog } from './files-dialog.tsx'
import { addReaders, kindsOf, repoint } from './readers.ts'
import type { FileKind } from './readers.ts'

interface DropFilesProps {
  /** Gives files to the engine of this browser; the path before theirs. Without it nothing can be dropped. */
  take: ((flow: string, given: Dropped) => Promise<string>) | undefined
  children: ReactNode
}

interface Asked {
  dropped: Dropped
  kinds: readonly FileKind[]
  at: Point
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files')
}

/** The canvas within takes what is no file. */
export function DropFiles({ take, children }: DropFilesProps) {
  const session = useSession()
  const [over, setOver] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  const make = async ({ dropped, kinds, at }: Asked, prefix: string) => {
    const { document, catalogue, selection } = session
    const [chosen] = selection.ids('nodes').size === 1 ? selection.ids('nodes') : []
    const [kind] = kinds
    if (
      kinds.length === 1 &&
      kind !== undefined &&
      chosen !== undefined &&
      document.node(chosen)?.typeId === kind.typeId
    ) {
      session.do(repoint(chosen, kind, prefix), `Read other files`)
    } else {
      const operations = addReaders(document, catalogue, kinds, prefix, at)
      session.do(operations, kinds.length === 1 ? 'Add a reader' : `Add ${kinds.length} readers`)
    }
    const lost = dropped.unreadable.length
    if (lost > 0) session.tell(`${lost} of the files could not be opened.`, 'warning')
    await Promise.resolve()
  }
  const finish = async (wanted: Asked) => {
    setAsked(undefined)
    if (take === undefined) return
    try {
      await make(wanted, await take(session.document.id, wanted.dropped))
    } catch (error) {
      session.tell(error instanceof Error ? error.message : String(error), 'error')
    }
  }
  const drop = (event: DragEvent) => {
    setOver(false)
    if (take === undefined || !hasFiles(event)) return
    event.preventDefault()
    event.stopPropagation()
    const box = event.currentTarget.getBoundingClientRect()
    const { x, y, zoom } = session.view.getState().camera
    const at = { x: x + (event.clientX - box.left) / zoom, y: y + (event.clientY - box.top) / zoom }
    void droppedFiles(event.dataTransfer).then((dropped) => {
      const kinds = kindsOf(dropped.files.map((file) => file.path))
      if (kinds.length === 0) session.tell('There is no file in what was dropped.', 'warning')
      else if (kinds.length > 1) setAsked({ dropped, kinds, at })
      else void finish({ dropped, kinds, at })
    })
  }
  return (
    <div
      className={`relative min-h-0 min-w-0 flex-1 ${over ? 'outline-2 -outline-offset-2 outline-dashed outline-water' : ''}`}
      onDragOverCapture={(event) => {
        if (take === undefined || !hasFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => {
        setOver(false)
      }}
      onDropCapture={drop}
    >
      {children}
      {asked !== undefined && (
        <FilesDialog
          kinds={asked.kinds}
          unreadable={asked.dropped.unreadable}
          more={asked.dropped.more}
          take={(kinds) => void finish({ ...asked, kinds })}
          close={() => {
            setAsked(undefined)
          }}
        />
      )}
    </div>
  )
}
