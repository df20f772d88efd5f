// Files that are dropped onto the open flow: a reader for each kind of them, or other files for the reader that is chosen.
import { useState } from 'react'
import type { DragEvent, ReactNode } from 'react'
import { droppedFiles } from '@weir/engine-client/browser'
import type { Dropped } from '@weir/engine-client/browser'
import { textMember } from '@weir/flow-model'
import type { FlowNode, Point } from '@weir/flow-model'
import { count } from '@weir/ui/figures/figures.ts'
import { canvasOf } from '../../canvas/canvas-of.ts'
import type { EditorSession } from '../../session/editor-session.ts'
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
  /** The reader that they were dropped on, and that reads such files. */
  reader?: string
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files')
}

/** The node that lies there on the canvas. */
function nodeAt(session: EditorSession, clientX: number, clientY: number): FlowNode | undefined {
  const hit = canvasOf(session)?.hitAt(clientX, clientY)
  if (hit === undefined) return undefined
  if (hit.kind === 'port') return session.document.node(hit.node)
  return hit.kind === 'nodes' ? session.document.node(hit.id) : undefined
}

/** The canvas within takes what is no file. */
export function DropFiles({ take, children }: DropFilesProps) {
  const session = useSession()
  const [over, setOver] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  const make = ({ dropped, kinds, at, reader }: Asked, prefix: string) => {
    const { document, catalogue, selection } = session
    const [kind] = kinds
    if (reader !== undefined && kind !== undefined) {
      session.do(repoint(reader, kind, prefix), 'Read other files')
      selection.set([{ kind: 'nodes', id: reader }])
    } else {
      const operations = addReaders(document, catalogue, kinds, prefix, at)
      session.do(operations, kinds.length === 1 ? 'Add a reader' : `Add ${kinds.length} readers`)
      const [first] = operations.flatMap((one) => (one.op === 'add' ? [textMember(one.value, 'id')] : []))
      if (first !== undefined) selection.set([{ kind: 'nodes', id: first }])
    }
    const files = kinds.reduce((sum, one) => sum + one.paths.length, 0)
    const lost = dropped.unreadable.length
    if (lost > 0) session.tell(`${count(lost)} of the files could not be opened.`, 'warning')
    else session.tell(`${count(files)} ${files === 1 ? 'file is' : 'files are'} read where they are.`)
  }
  const finish = async (wanted: Asked) => {
    setAsked(undefined)
    if (take === undefined) return
    try {
      make(wanted, await take(session.document.id, wanted.dropped))
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
    const onto = nodeAt(session, event.clientX, event.clientY)
    void droppedFiles(event.dataTransfer).then((dropped) => {
      const kinds = kindsOf(dropped.files.map((file) => file.path))
      const same = kinds.find((kind) => kind.typeId === onto?.typeId)
      if (onto !== undefined && same !== undefined) void finish({ dropped, kinds: [same], at, reader: onto.id })
      else if (kinds.length === 0) session.tell('There is no file in what was dropped.', 'warning')
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
