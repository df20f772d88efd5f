// Problems of a document, in the words and with the codes of the engine.
import { findPointer, keysOf } from './json/pointer.ts'
import { offsetAt, placeOfOffset, placesOf } from './json/parse.ts'
import { textMember } from './json/value.ts'
import type { Json } from './json/value.ts'

export interface Problem {
  severity: 'error' | 'warning'
  /** As in engine/data/error-codes.tsv. */
  code: string
  /** JSON pointer into the document; "" is the document itself. */
  pointer: string
  message: string
  /** What to do about it, as a sentence. */
  suggestion?: string
  /** From 1, where the text is known. */
  line?: number
  column?: number
  /** The node or edge it is about. */
  node?: string
  edge?: string
}

/** At most so many are kept. */
export const kMostProblems = 1000

/** All that was found, at most kMostProblems. */
export class Problems {
  readonly list: Problem[] = []
  errors = 0

  add(problem: Problem): void {
    if (problem.severity === 'error') ++this.errors
    if (this.list.length < kMostProblems) this.list.push(problem)
  }

  error(code: string, pointer: string, message: string, suggestion = ''): void {
    this.add({ severity: 'error', code, pointer, message, ...(suggestion === '' ? {} : { suggestion }) })
  }

  warning(code: string, pointer: string, message: string, suggestion = ''): void {
    this.add({ severity: 'warning', code, pointer, message, ...(suggestion === '' ? {} : { suggestion }) })
  }

  get failed(): boolean {
    return this.errors > 0
  }
}

/** The problems with their places in `text`, in the order of the places. */
export function located(problems: readonly Problem[], text: string): Problem[] {
  const places = problems.length === 0 ? undefined : placesOf(text)
  if (places === undefined) return [...problems]
  const placed = problems.map((problem) => {
    if (problem.line !== undefined) return problem
    return { ...problem, ...placeOfOffset(text, offsetAt(places, keysOf(problem.pointer) ?? [])) }
  })
  return placed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}

/** The problems with the ids of the nodes and edges they are about, as `root` has them. */
export function withSubjects(problems: readonly Problem[], root: Json): Problem[] {
  return problems.map((problem) => {
    const [kind, index] = keysOf(problem.pointer) ?? []
    if (index === undefined || (kind !== 'nodes' && kind !== 'edges')) return problem
    const id = textMember(findPointer(root, `/${kind}/${index}`), 'id')
    return id === '' ? problem : { ...problem, [kind === 'nodes' ? 'node' : 'edge']: id }
  })
}

/** `error: /nodes/0/version: there is no … Did you mean …? [flow.unknown_version]` */
export function describeProblem(problem: Problem): string {
  const where = problem.pointer === '' ? '' : `${problem.pointer}: `
  const stop = problem.suggestion !== undefined && !/[.!?:;^]$/.test(problem.message) ? '.' : ''
  const suggestion = problem.suggestion === undefined ? '' : `${stop} ${problem.suggestion}`
  return `${problem.severity}: ${where}${problem.message}${suggestion} [${problem.code}]`
}
