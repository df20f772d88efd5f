// Rows that were set aside, as a run tells them, by their cause.

export interface Letter {
  code: string
  message: string
  node: string
  row: unknown
  /** Epoch milliseconds; undefined: not told. */
  at: number | undefined
  tries: number | undefined
  traceId: string
  /** As it was told. */
  told: unknown
}

export interface LetterGroup {
  key: string
  code: string
  node: string
  /** Of the first. */
  message: string
  letters: readonly Letter[]
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Of anything: what is missing is empty. */
export function readLetter(told: unknown): Letter {
  const given = typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {}
  const at = Date.parse(text(given.time))
  return {
    code: text(given.code),
    message: text(given.message),
    node: text(given.nodeId) || text(given.node),
    row: given.row ?? null,
    at: Number.isNaN(at) ? undefined : at,
    tries: typeof given.tries === 'number' ? given.tries : undefined,
    traceId: text(given.traceId),
    told
  }
}

/** A message without its values, so that those of one cause are alike. */
export function causeOf(message: string): string {
  return message
    .split('\n', 1)
    .join('')
    .replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'/g, '…')
    .replaceAll(/-?\d+(?:\.\d+)?/g, '#')
}

/** The largest first. */
export function grouped(letters: readonly Letter[]): LetterGroup[] {
  const groups = new Map<string, { first: Letter; letters: Letter[] }>()
  for (const letter of letters) {
    const key = `${letter.node}\n${letter.code}\n${causeOf(letter.message)}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { first: letter, letters: [letter] })
    else known.letters.push(letter)
  }
  return [...groups]
    .map(([key, group]) => ({
      key,
      code: group.first.code,
      node: group.first.node,
      message: group.first.message,
      letters: group.letters
    }))
    .sort((a, b) => b.letters.length - a.letters.length)
}
