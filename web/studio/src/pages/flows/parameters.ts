// The parameters of a flow, as a form asks for them.

export interface Parameter {
  name: string
  type: string
  /** What it is when nothing is given, as text. */
  fallback: string
  help: string
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The parameters that a document declares. */
export function parametersOf(document: unknown): Parameter[] {
  if (typeof document !== 'object' || document === null || !('parameters' in document)) return []
  const list = document.parameters
  if (!Array.isArray(list)) return []
  return (list as Record<string, unknown>[])
    .filter((one) => typeof one.name === 'string')
    .map((one) => ({
      name: textOf(one.name),
      type: textOf(one.type),
      fallback: textOf(one.default),
      help: textOf(one.description ?? one.help)
    }))
}

/** What was typed, as a value of the parameter's type; the server says if it is none. */
export function parameterOf(parameter: Pick<Parameter, 'type'>, text: string): unknown {
  if (parameter.type === 'integer' || parameter.type === 'number') {
    const number = Number(text)
    return Number.isNaN(number) ? text : number
  }
  if (parameter.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (parameter.type === 'json' || parameter.type === 'object' || parameter.type === 'array') {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text
    }
  }
  return text
}
