// What stands under the canvas: tables and lists, as high as the person wants it.
import { useRef } from 'react'
import { usePart, useSession } from '../../session/use-session.ts'
import type { EditorParts } from '../parts.ts'
import { kBottom, within } from './layout.ts'
import { Splitter } from './splitter.tsx'

const kUsual = 300

/** A double click on its edge gives it the full height, and once more takes that back. */
export function BottomArea({ Panel }: { Panel: NonNullable<EditorParts['BottomPanel']> }) {
  const { view } = useSession()
  const { open, height } = usePart(view, (state) => state.bottom)
  const area = useRef<HTMLDivElement>(null)
  if (!open) return null
  const room = () => Math.max(kBottom.least, (area.current?.parentElement?.clientHeight ?? 600) - 48)
  const set = (next: number) => {
    const most = room()
    view.setState((now) => ({ bottom: { ...now.bottom, height: within(next, { least: kBottom.least, most }) } }))
  }
  return (
    <>
      <Splitter
        label="Height of the lower part"
        way="row"
        value={height}
        {...kBottom}
        set={set}
        toggle={() => {
          set(height > kUsual ? kUsual : room())
        }}
      />
      <div ref={area} className="min-h-0 max-h-full shrink-0 overflow-hidden bg-panel" style={{ height }}>
        <Panel />
      </div>
    </>
  )
}
