// EditorPage: the page of one flow, around the parts that other tracks of the editor give.
import type { ReactNode } from 'react'
import type { NodeType } from '@weir/engine-client'
import { Failed, Loading } from '@weir/ui/states.tsx'
import type { DraftShelf } from './drafts/draft-shelf.ts'
import type { HoldFlow } from './drafts/tab-hold.ts'
import type { FlowHome } from './home/flow-home.ts'
import type { LocalStore } from './home/local-store.ts'
import type { Move } from './move/checklist.ts'
import { BrokenDocument } from './open/broken-document.tsx'
import { draftKey } from './open/open-flow.ts'
import { useOpening } from './open/use-opening.ts'
import { OpenPage } from './open-page.tsx'
import type { EditorParts, PageFrame } from './parts.ts'
import { FlowGone } from './home/flow-home.ts'

export interface EditorPageProps {
  flow: string
  home: FlowHome
  shelf: DraftShelf
  hold: HoldFlow
  parts: EditorParts
  frame: PageFrame
  /** The id of the person: undo reaches what has it. */
  author: string
  /** The node types of the home; those of the places where flows run are added. The same function at each drawing. */
  nodes?: () => Promise<readonly NodeType[]>
  /** What this browser keeps: a folder on the disk, backups. */
  local?: LocalStore
  /** Where the form of the flow is, for who shares it. */
  formAddress?: string
  /** The other home that this flow can go to. */
  move?: Move
}

/** Opens the flow, and shows it or what is in the way. */
export function EditorPage(props: EditorPageProps) {
  const { flow, home, shelf, hold, parts, author, frame, nodes } = props
  const [opening, again] = useOpening({ flow, home, shelf, hold, parts, author, nodes, open: frame.open })
  if (opening.state === 'opening') {
    return (
      <Around frame={frame}>
        <Loading what={flow} />
      </Around>
    )
  }
  if (opening.state === 'failed') {
    const gone = opening.error instanceof FlowGone
    return (
      <Around frame={frame}>
        <Failed error={opening.error} {...(gone ? {} : { again })} />
      </Around>
    )
  }
  const { opened } = opening
  if (opened.state === 'open') return <OpenPage key={flow} page={props} opened={opened} again={again} />
  const { kept, text, problems } = opened
  const keep = async (mended: string) => {
    if (kept === undefined) return
    await home.write(flow, mended, kept.revision)
    await shelf.forget(draftKey(home, flow))
    again()
  }
  const mayKeep = kept !== undefined && home.rights(kept.folder).edit
  return (
    <Around frame={frame}>
      <BrokenDocument flow={flow} text={text} problems={problems} {...(mayKeep ? { keep } : {})} />
    </Around>
  )
}

function Around({ frame, children }: { frame: PageFrame; children: ReactNode }) {
  return (
    <div className="flex h-full flex-col sm:flex-row">
      {frame.rail}
      <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
        {children}
      </main>
    </div>
  )
}
