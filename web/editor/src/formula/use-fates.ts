// The fates of all rows that the tab holds, under the condition as it is typed and as it was before.
import { useEffect, useRef, useState } from 'react'
import type { HeldTable } from '../panels/form/form-context.ts'
import type { Field, RunPlace } from '../run/shown-run.ts'
import { changesBetween, FateBook } from './fates.ts'
import type { FateChange, Fated } from './fates.ts'

export interface FatesState {
  held: HeldTable
  after: Fated
  before: Fated
  /** Rows that have another fate than before, in their order. */
  changes: readonly FateChange[]
}

/** After the last letter: what is shown of the first rows comes sooner. */
const kQuietMs = 250

/**
 * @param text The condition, without errors; undefined: there is nothing to ask.
 * @param before What it is compared with; an empty one keeps all rows.
 */
export function useFates(
  text: string | undefined,
  before: string,
  place: RunPlace | undefined,
  held: HeldTable | undefined,
  fields: readonly Field[]
): FatesState | undefined {
  const [state, setState] = useState<FatesState>()
  const book = useRef<{ place: RunPlace; held: HeldTable; book: FateBook }>(undefined)
  useEffect(() => {
    if (text === undefined || place === undefined || held === undefined || held.table.length === 0) return undefined
    if (book.current?.held !== held || book.current.place !== place)
      book.current = { place, held, book: new FateBook(place, held.table, fields) }
    const { book: asked } = book.current
    let over = false
    const isOver = (): boolean => over
    const timer = setTimeout(() => {
      void (async () => {
        const after = await asked.of(text, isOver)
        const old = after === undefined ? undefined : await asked.of(before, isOver).catch(() => undefined)
        if (over || after === undefined || old === undefined) return
        setState({ held, after, before: old, changes: changesBetween(old, after) })
      })().catch(() => {
        // Without an engine there is nothing to say: the check of the formula does.
      })
    }, kQuietMs)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [text, before, place, held, fields])
  return state
}
