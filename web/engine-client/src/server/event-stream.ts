// Server-Sent Events, read from the body of a response (the fields of the HTML standard).

import { WeirError } from '../errors.ts'

export interface ServerEvent {
  id: string
  type: string
  data: string
}

/** Bytes of one event at most; more ends the stream with `protocol.invalid`. */
const MOST_BYTES = 16 << 20

/** Comments are passed over. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  /** Of a line that has not ended yet, as it came: a long one is put together once. */
  let pieces: string[] = []
  let pending = 0
  let event: ServerEvent = { id: '', type: 'message', data: '' }
  let lines = 0
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const piece = decoder.decode(read.value, { stream: true })
      const mayEnd = pieces.at(-1)?.endsWith('\r') === true || /[\r\n]/.test(piece)
      if (piece !== '') pieces.push(piece)
      pending += piece.length
      if (pending + event.data.length > MOST_BYTES) throw tooLong(event.id)
      if (!mayEnd) continue
      // A line that ends with a carriage return alone may go on with its line feed.
      const cut = pieces.join('').split(/\r\n|\n|\r(?!$)/)
      const rest = cut.pop() ?? ''
      pieces = rest === '' ? [] : [rest]
      pending = rest.length
      for (const line of cut) {
        if (line === '') {
          if (lines > 0) yield event
          event = { id: event.id, type: 'message', data: '' }
          lines = 0
        } else if (!line.startsWith(':')) {
          lines += take(line, event, lines)
        }
      }
    }
  } finally {
    // Who ends early, or a connection that broke, has nothing more to read.
    await reader.cancel().catch(() => undefined)
  }
}

function tooLong(before: string): WeirError {
  const which = before === '' ? 'an event' : `the event after ${before}`
  return new WeirError('protocol.invalid', `${which} of the server is longer than ${MOST_BYTES >> 20} MiB`)
}

/** 1 if the line was data. */
function take(line: string, event: ServerEvent, lines: number): number {
  const colon = line.indexOf(':')
  const field = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (field === 'id') event.id = value
  if (field === 'event') event.type = value
  if (field !== 'data') return 0
  event.data += lines === 0 ? value : `\n${value}`
  return 1
}
