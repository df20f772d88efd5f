// Messages of a connection, and the rows that they are in the engine.

/** What travels through a connection. `data` is what JSON can say. */
export interface NodeMessage<T = unknown> {
  id: string
  /** Milliseconds since 1970. */
  timestamp: number
  sourceNodeId: string
  targetNodeId: string
  port: string
  data: T
  /** A whole number, 0 if absent; the higher, the later it is dropped. */
  priority?: number
}

/** A message as it came out of the engine. */
export interface Delivered {
  message: NodeMessage
  /** Milliseconds from `write` to here. */
  latencyMs: number
}

interface MessageRow extends NodeMessage {
  /** When it was written, in milliseconds of the steady clock. */
  writtenMs: number
}

export function rowOf(message: NodeMessage, writtenMs: number): MessageRow {
  return { ...message, priority: message.priority ?? 0, writtenMs }
}

export function delivered(row: unknown, nowMs: number): Delivered {
  const { writtenMs, priority, ...message } = row as MessageRow
  // Of messages that travel together, each has the fields of all.
  const there = Object.entries(message).filter(([name, value]) => value !== null || name === 'data')
  const own = Object.fromEntries(there) as unknown as NodeMessage
  return {
    message: priority === undefined || priority === 0 ? own : { ...own, priority },
    latencyMs: Math.max(0, nowMs - writtenMs)
  }
}

const TEXTS = ['id', 'sourceNodeId', 'targetNodeId', 'port'] as const

/** @throws TypeError that names the member: messages come from outside. */
export function checkMessage(message: NodeMessage): void {
  for (const name of TEXTS) {
    if (typeof message[name] !== 'string') {
      throw new TypeError(`message.${name} is of type ${typeof message[name]}: it is a text`)
    }
  }
  if (!Number.isFinite(message.timestamp)) {
    throw new TypeError(`message.timestamp is ${String(message.timestamp)}: it is milliseconds since 1970`)
  }
  const { priority } = message
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) < 2 ** 31)) {
    throw new TypeError(`message.priority is ${String(priority)}: it is a whole number of 32 bits`)
  }
  if (['undefined', 'function', 'symbol'].includes(typeof message.data)) {
    throw new TypeError(`message.data is of type ${typeof message.data}: it is what JSON can say`)
  }
  // Throws for the rest of what JSON cannot say, wherever it is: it would end the connection.
  const text = JSON.stringify(message)
  if (HALF_PAIR.test(text)) {
    throw new TypeError('message has a text with half of a surrogate pair: such a text was cut within a character')
  }
  if (deepestOf(text) > MOST_LEVELS + 1) {
    throw new TypeError(`message.data is nested more than ${MOST_LEVELS} levels deep: the engine takes no more`)
  }
}

/** JSON.stringify escapes halves of surrogate pairs, and no whole ones. */
const HALF_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/
/** Levels of lists and objects in one value that the engine takes beside any others; the message is one more. */
const MOST_LEVELS = 200

function deepestOf(json: string): number {
  // Each level takes two characters at least.
  if (json.length <= 2 * MOST_LEVELS) return 0
  let depth = 0
  let deepest = 0
  let inText = false
  for (let i = 0; i < json.length; i++) {
    const one = json[i]
    if (inText) {
      if (one === '\\') i += 1
      else if (one === '"') inText = false
    } else if (one === '"') inText = true
    else if (one === '{' || one === '[') deepest = Math.max(deepest, ++depth)
    else if (one === '}' || one === ']') depth -= 1
  }
  return deepest
}
