// The messages of one execution on a server: numbered events, gone on with behind the last one when the connection breaks.
import type { StreamMessage } from '../engine.ts'
import { asWeirError, WeirError } from '../errors.ts'
import { eventsOf, type ServerEvent } from './event-stream.ts'
import type { ServerHttp } from './server-http.ts'

export interface EventsOptions {
  http: ServerHttp
  /** The answer that the execution began with. */
  first: Response
  id: string
  signal: AbortSignal
  /** Without anything for so long, the connection is made anew. */
  idleMs: number
  /** Tries in a row that bring no event before the server is held to be gone. */
  attempts: number
}

/**
 * Each event once, in the order of their numbers, until `isLast` holds. @throws WeirError `server.gone`: the server cannot be
 * reached any more, or has forgotten the execution; `protocol.invalid`: it sent what is no event.
 */
export async function* executionEvents(
  options: EventsOptions,
  isLast: (message: StreamMessage) => boolean
): AsyncGenerator<{ message: StreamMessage; bytes: number }> {
  let response: Response | undefined = options.first
  let last = 0
  for (let failures = 0; ;) {
    try {
      response ??= await again(options, last)
      for await (const event of watched(response, options)) {
        const number = numberOf(event)
        // Sent once more after a broken connection.
        if (number <= last) continue
        if (number !== last + 1) {
          throw new WeirError('server.gone', `the server kept no events between ${last} and ${number} of ${options.id}`)
        }
        last = number
        failures = 0
        const message = messageOf(event.data)
        yield { message, bytes: event.data.length }
        if (isLast(message)) return
      }
    } catch (reason) {
      const error = asWeirError(reason)
      if (isFinal(error) && !options.signal.aborted) throw error
    }
    if (options.signal.aborted) throw new WeirError('run.cancelled', 'the execution was left')
    response = undefined
    failures += 1
    if (failures > options.attempts) {
      throw new WeirError(
        'server.gone',
        `the server does not answer any more; ${options.id === '' ? 'the execution' : options.id} was told to event ${last}`,
        true
      )
    }
    await options.http.pause(failures, 0, options.signal)
  }
}

async function again({ http, id, signal }: EventsOptions, last: number): Promise<Response> {
  let response: Response
  try {
    const headers = { accept: 'text/event-stream', 'last-event-id': String(last) }
    response = await http.ask(`executions/${encodeURIComponent(id)}/events`, { headers, signal })
  } catch (reason) {
    const error = asWeirError(reason)
    if (error.recoverable || signal.aborted) throw error
    throw new WeirError('server.gone', `the server has no more of the execution ${id}: ${error.message}`, true)
  }
  const answered = response.headers.get('x-execution-id') ?? id
  if (answered === id) return response
  await response.body?.cancel().catch(() => undefined)
  throw new WeirError(
    'server.gone',
    `asked for the execution ${id}, the server answered with another, ${answered}`,
    true
  )
}

/** Worth no other try. */
function isFinal(error: WeirError): boolean {
  return error.code === 'server.gone' || error.code === 'protocol.invalid' || error.code === 'server.denied'
}

/** The events of one connection; one that says nothing for too long is ended. */
async function* watched(response: Response, { idleMs, signal }: EventsOptions): AsyncGenerator<ServerEvent> {
  const kind = response.headers.get('content-type') ?? ''
  if (kind !== '' && !/^text\/event-stream\b/i.test(kind)) {
    await response.body?.cancel().catch(() => undefined)
    const what = `the server answered ${kind.slice(0, 80)}, not a stream of events`
    throw new WeirError('protocol.invalid', `${what}; is this the address of its API, and are you signed in?`)
  }
  if (!response.body) throw new WeirError('protocol.invalid', 'the server answered without events')
  const reader = response.body.getReader()
  const leave = (): void => {
    reader.cancel().catch(() => undefined)
  }
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        let timer: ReturnType<typeof setTimeout> | undefined
        const silence = new Promise<never>((_, failed) => {
          timer = setTimeout(() => {
            failed(new WeirError('network.timeout', 'the server said nothing for too long', true))
          }, idleMs)
        })
        try {
          const read = await Promise.race([reader.read(), silence])
          if (read.done) controller.close()
          else controller.enqueue(read.value)
        } finally {
          clearTimeout(timer)
        }
      },
      cancel: () => reader.cancel()
    },
    { highWaterMark: 0 }
  )
  try {
    yield* eventsOf(body)
  } finally {
    signal.removeEventListener('abort', leave)
    await reader.cancel().catch(() => undefined)
  }
}

function numberOf(event: ServerEvent): number {
  const number = Number(event.id)
  if (event.id === '' || !Number.isSafeInteger(number) || number < 1) {
    throw new WeirError('protocol.invalid', `the server sent an event numbered '${event.id.slice(0, 40)}'`)
  }
  return number
}

const TYPES = ['node-output', 'execution-update', 'widget-data', 'error']

function messageOf(text: string): StreamMessage {
  let found: Partial<StreamMessage> | null = null
  try {
    found = JSON.parse(text) as Partial<StreamMessage> | null
  } catch {
    // Said below.
  }
  if (typeof found?.id === 'string' && typeof found.timestamp === 'number' && TYPES.includes(found.type ?? '')) {
    return found as StreamMessage
  }
  throw new WeirError('protocol.invalid', `the server sent what is no message of an execution: ${text.slice(0, 200)}`)
}
