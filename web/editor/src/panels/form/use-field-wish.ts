// A field that is wanted, as by a click on a problem, gets the focus.
import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'

/** For the element around the fields: gives the focus to the field that is wanted, and opens what it is folded in. */
export function useFieldWish(session: EditorSession): RefObject<HTMLDivElement | null> {
  const form = useRef<HTMLDivElement>(null)
  const wish = usePart(session.view, (state) => state.wantedField)
  useEffect(() => {
    if (wish === undefined) return
    session.view.setState({ wantedField: undefined })
    const frames = [...(form.current?.querySelectorAll<HTMLElement>('[data-path]') ?? [])]
    const found = frames
      .filter((each) => wish === each.dataset.path || wish.startsWith(`${each.dataset.path ?? ''}/`))
      .at(-1)
    if (found === undefined) return
    for (let at: HTMLElement | null = found; at !== null; at = at.parentElement)
      if (at instanceof HTMLDetailsElement) at.open = true
    found.scrollIntoView({ block: 'nearest' })
    const input =
      found.querySelector<HTMLElement>('input, select, textarea, [data-formula-text]') ??
      // What adds the first part comes before any other button, wherever it stands.
      found.querySelector<HTMLElement>('[data-first-part]') ??
      found.querySelector<HTMLElement>('button')
    if (input?.dataset.formulaText === undefined) input?.focus()
    else input.shadowRoot?.querySelector<HTMLElement>('.cm-content')?.focus()
  }, [session, wish])
  return form
}
