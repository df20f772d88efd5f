// Rows of nodes of the page, checked before they go to the engine: a row that it refuses would end the whole inlet.

/** As deep as the engine's values go. */
const MOST_LEVELS = 200
/** In what JSON.stringify gives, a surrogate that is escaped has no other half. */
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/

/** @throws TypeError for what is no row, or holds what JSON cannot say. */
export function rowFrom(result: unknown): object {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    throw new TypeError(`a node gives rows, which are objects, not ${shown(result)}`)
  }
  const text = jsonText(result)
  // What has a toJSON of its own, such as a date, may say something else.
  if (text === undefined || !text.startsWith('{')) {
    throw new TypeError(`a node gives rows, which are objects, not ${shown(text)}`)
  }
  if (text.includes('\\ud') && LONE_SURROGATE.test(text)) {
    throw new TypeError('a text of the row holds half of a surrogate pair: it was cut in the middle of a character')
  }
  // A level has two brackets: a short text has few.
  if (text.length > 2 * MOST_LEVELS && levelsOf(text) > MOST_LEVELS) {
    throw new TypeError(`the row nests more than ${MOST_LEVELS} levels deep: flatten it, or keep it as text`)
  }
  return result
}

/** Undefined for what JSON has no text for, such as undefined itself. @throws TypeError for what it cannot say. */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value)
}

function shown(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  return typeof value === 'bigint' ? `${value}n` : (jsonText(value) ?? 'undefined').slice(0, 100)
}

/** Of JSON: brackets in texts do not count. */
function levelsOf(json: string): number {
  let deepest = 0
  let level = 0
  for (const [one] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (one === '[' || one === '{') deepest = Math.max(deepest, (level += 1))
    else if (one === ']' || one === '}') level -= 1
  }
  return deepest
}
