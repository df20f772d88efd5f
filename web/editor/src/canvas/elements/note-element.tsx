// A note on the canvas: its Markdown, or its text while it is written.
import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { setValue } from '@weir/flow-model'
import { useSession } from '../../session/use-session.ts'
import { useSurface } from './surface-context.ts'
import { Markdown } from './markdown.tsx'
import { useElement } from './use-element.ts'

export function NoteElement({ id }: { id: string }) {
  const { document } = useSession()
  useElement('notes', id)
  const { ui } = useSurface()
  const editing = useStore(ui, (state) => state.editing === id)
  const text = document.note(id)?.text ?? ''
  if (editing) return <NoteText id={id} text={text} />
  return (
    <div className="canvas-note" role="note" aria-label="Note">
      {text === '' ? <span className="text-faint">Double-click to write</span> : <Markdown text={text} />}
    </div>
  )
}

/** Kept when the focus leaves it; Escape takes back what was written. */
function NoteText({ id, text }: { id: string; text: string }) {
  const session = useSession()
  const { ui, view } = useSurface()
  const area = useRef<HTMLTextAreaElement>(null)
  const dropped = useRef(false)
  useEffect(() => {
    area.current?.focus({ preventScroll: true })
    area.current?.select()
  }, [])
  const end = (): void => {
    const written = area.current?.value ?? text
    if (!dropped.current && written !== text) session.do([setValue('notes', id, '/text', written)], 'Write note')
    if (ui.getState().editing === id) ui.setState({ editing: undefined })
  }
  return (
    <textarea
      ref={area}
      data-canvas-own
      data-canvas-scrolls
      className="canvas-note-text"
      aria-label="Text of the note, Markdown"
      defaultValue={text}
      maxLength={20_000}
      readOnly={(session.options.readOnly ?? '') !== ''}
      onBlur={end}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return
        dropped.current = event.key === 'Escape'
        view.root.focus({ preventScroll: true })
      }}
    />
  )
}
