// Questions about one formula: its type, its problems, its results for rows; and the functions that there are.
import { WeirError } from './errors.ts'

/** What a formula sees of a row. `type` as documents write it: int, list<string>; empty: any. */
export interface FormulaField {
  name: string
  type: string
}

export interface FormulaQuestion {
  text: string
  /** Without them a row may have any. */
  fields?: readonly FormulaField[]
  /** The type that the result must have. */
  expects?: string
  /** Values of the flow's parameters. */
  params?: Record<string, unknown>
  /** 10,000 at most. Times and durations as text or as microseconds. */
  rows?: readonly Record<string, unknown>[]
}

export interface FormulaProblem {
  code: string
  message: string
  suggestion?: string
  /** Bytes of UTF-8. */
  offset: number
  length: number
}

export interface FormulaAnswer {
  /** Empty if there are problems. */
  type: string
  problems: FormulaProblem[]
  /** Of each row, if rows were given and there are no problems. */
  results?: { value?: unknown; error?: string }[]
}

/** `signature`: `(int, int): int`, or `string.(int): string` of what is called on a value. */
export interface FormulaFunction {
  name: string
  signature: string
}

/** JSON with all digits of bigints; bytes as base64. What is no data is null. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return JSON.stringify(btoa(String.fromCharCode(...value)))
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) return `"${String(value)}"`
    // What has no JSON, as a function.
    return typeof value === 'function' || typeof value === 'symbol' || value === undefined
      ? 'null'
      : JSON.stringify(value)
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`).join(',')}}`
}

/** @throws WeirError what the engine said of the question, or `protocol.invalid` */
export function formulaAnswerOf(said: unknown): FormulaAnswer {
  const found = said as Partial<FormulaAnswer> & { error?: { code: string; message: string } }
  if (found.error) throw new WeirError(found.error.code, found.error.message)
  if (typeof found.type === 'string' && Array.isArray(found.problems)) return found as FormulaAnswer
  throw new WeirError('protocol.invalid', 'the answer about a formula has no type or no problems')
}

/** @throws WeirError `protocol.invalid` */
export function formulaFunctionsOf(said: unknown): FormulaFunction[] {
  const { functions } = said as { functions?: unknown }
  if (Array.isArray(functions)) return functions as FormulaFunction[]
  throw new WeirError('protocol.invalid', 'the list of functions is none')
}
