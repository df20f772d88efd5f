// What is known of a formula while it is typed: its check, and its result on sample rows.
import { useEffect, useRef, useState } from 'react'
import type { FormulaCheck, RunPlace } from '../run/shown-run.ts'
import type { SampleRows } from '../panels/form/form-context.ts'

export interface FormulaState {
  /** The text that this is of. */
  text: string
  check: FormulaCheck | undefined
  /** One for each of the rows; empty where nothing was evaluated. */
  results: readonly { value?: unknown; error?: string }[]
  rows: readonly Record<string, unknown>[]
}

const kQuietMs = 120
/** Rows that a formula is tried on. */
export const kTriedRows = 200

const kNothing: FormulaState = { text: '', check: undefined, results: [], rows: [] }

/** Asks the place a moment after the last letter; what was asked before that counts no more. */
export function useFormula(text: string, gives: string, place: RunPlace | undefined, sample: SampleRows): FormulaState {
  const [state, setState] = useState<FormulaState>(kNothing)
  const asked = useRef(0)
  const { fields, rows } = sample
  useEffect(() => {
    const number = ++asked.current
    if (place === undefined || text.trim() === '') {
      setState(kNothing)
      return undefined
    }
    const timer = setTimeout(() => {
      void looked(text, gives, place, { fields, rows }).then((found) => {
        if (asked.current === number) setState(found)
      })
    }, kQuietMs)
    return () => {
      clearTimeout(timer)
      ++asked.current
    }
  }, [text, gives, place, fields, rows])
  return state
}

async function looked(
  text: string,
  gives: string,
  place: RunPlace,
  sample: Pick<SampleRows, 'fields' | 'rows'>
): Promise<FormulaState> {
  const tried = sample.rows.slice(0, kTriedRows)
  // Which columns come is not known yet: the deep check of the document has more to go by.
  if (sample.fields.length === 0) return { ...kNothing, text, check: { type: '', problems: [] } }
  try {
    const check = await place.checkFormula(text, sample.fields, ...(gives === '' ? [] : [gives]))
    // With their types: in JSON a time is a text, and compares with none.
    const results =
      check.problems.length > 0 || tried.length === 0 ? [] : await place.evaluate(text, tried, sample.fields)
    return { text, check, results, rows: tried }
  } catch {
    // Without an engine there is nothing to say: the deep check of the document will.
    return { ...kNothing, text }
  }
}
