// What fields of a form know beside their own slot: problems by path, the rows that come in, the place that checks formulas.
import { keysOf, parametersOf, pointerOf } from '@weir/flow-model'
import type { Problem } from '@weir/flow-model'
import { createContext, useContext } from 'react'
import type { Field, RunPlace } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { RowTable } from '../data/row-table.ts'
import type { FormTarget } from './slot.ts'

/** All rows of the place that the tab holds: a condition is tried on each of them. */
export interface HeldTable {
  table: RowTable
  /** Whether these are all that came there in the run. */
  whole: boolean
  /** *of all 41,203 rows*, *of the 1,000 rows of the sample*. */
  words: string
}

/** Rows that a formula is tried on. */
export interface SampleRows {
  fields: readonly Field[]
  rows: readonly Record<string, unknown>[]
  /** What they are: *sample*, *the newest rows*. */
  words: string
  /** All of them; absent where formulas are tried on a few rows only. */
  held?: HeldTable
  /** Of the run that a person started last: a condition as it was then is the one before. */
  ranWith?: string
}

export interface FormFacts {
  session: EditorSession
  place: RunPlace | undefined
  /** Of the elements that the form is of; the path is below the element. */
  problems: readonly { path: string; problem: Problem }[]
  sample: SampleRows
  parameters: readonly string[]
}

export const kNoSample: SampleRows = { fields: [], rows: [], words: '' }

export const FormContext = createContext<FormFacts | undefined>(undefined)

/** @throws outside of a form */
export function useForm(): FormFacts {
  const facts = useContext(FormContext)
  if (facts === undefined) throw new Error('there is no form around this')
  return facts
}

export interface Told {
  severity: 'error' | 'warning'
  text: string
}

/** The problems of one path, or of all that is below it. */
export function problemsAt(facts: FormFacts, path: string, below = false): Told[] {
  const told = new Map<string, Told>()
  for (const { path: at, problem } of facts.problems) {
    if (at !== path && !(below && at.startsWith(`${path}/`))) continue
    const text = problem.suggestion === undefined ? problem.message : `${problem.message} ${problem.suggestion}`
    told.set(text, { severity: problem.severity, text })
  }
  return [...told.values()]
}

/** The problems of these elements, with their paths below them; of the document itself all that are of no element. */
export function problemsOf({ session, kind, ids }: FormTarget, list: readonly Problem[]): FormFacts['problems'] {
  const found: { path: string; problem: Problem }[] = []
  const wanted = new Set(ids)
  for (const problem of list) {
    const [first = '', index, ...rest] = keysOf(problem.pointer) ?? []
    const elements = first === 'nodes' || first === 'edges'
    if (kind === 'flow') {
      if (!elements) found.push({ path: problem.pointer, problem })
      continue
    }
    if (first !== kind || index === undefined) continue
    const id = session.document.tables[kind].list()[Number(index)]?.id
    if (id !== undefined && wanted.has(id)) found.push({ path: pointerOf(rest), problem })
  }
  return found
}

export function parameterNames(session: EditorSession): string[] {
  return parametersOf(session.document.root).map((parameter) => parameter.name)
}
