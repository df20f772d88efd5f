// Requests to the server: cookies, the CSRF header, ETags, the password once more, retries and refusals in one place.
import { refusedOf, unreachable, Refused } from '@weir/ui/refused.ts'
import type { AnswerOf, BodyOf, Method, PathOf, QueryOf } from './routes.ts'

export interface Options<M extends Method, P extends PathOf<M>> {
  /** Values for the names in braces. */
  path?: Record<string, string | number>
  query?: Partial<QueryOf<M, P>>
  body?: BodyOf<M, P>
  /** The body as text, to the last digit; instead of `body`. */
  text?: string
  /** Bytes as they are; instead of `body`. A file is read as it goes. */
  bytes?: Blob
  /** `*`: only if there is none yet. */
  ifNoneMatch?: string
  /** The ETag that the change is for; `*` for any state. */
  ifMatch?: string
  /** Names the request, so that it has its effect once however often it is sent. */
  once?: string
  signal?: AbortSignal
}

/** An answer with its ETag. */
export interface Tagged<T> {
  value: T
  etag: string | null
}

export interface ClientPorts {
  /** Where the API is: empty for the place that the page came from. */
  server: string
  fetch: typeof fetch
  /** Asks for the password again; false if the person does not give it. */
  confirm(): Promise<boolean>
  /** The session has ended. */
  signedOut(): void
  /** Whether the last request reached the server. */
  reached(yes: boolean): void
  wait(ms: number): Promise<void>
}

const SAFE: readonly Method[] = ['get']
const TRIES = 4

/** A parameter that is a path: its parts stay apart, since not all that stands before a server lets %2F through. */
const PATH = 'path'

/** The path of a route with its values put in, and its query. */
export function addressOf(path: string, values: Record<string, string | number> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, rest: string | undefined) => {
    const value = String(values[name] ?? '')
    return rest === undefined && name !== PATH
      ? encodeURIComponent(value)
      : value.split('/').map(encodeURIComponent).join('/')
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
        search.append(name, String(one))
    }
  }
  const text = search.toString()
  return text === '' ? filled : `${filled}?${text}`
}

/** How long to wait before the next try: what the server says, or 300 ms and each time twice as long. */
export function pauseBefore(attempt: number, refused: Refused): number {
  return Math.min(refused.retryAfterMs ?? 300 * 2 ** attempt, 10_000)
}

/** Talks to one server on behalf of who has signed in. */
export class Client {
  /** The token that goes with requests that change something. */
  csrf = ''
  private readonly ports: ClientPorts

  constructor(ports: ClientPorts) {
    this.ports = ports
  }

  /** The whole address of something on the server. */
  url(address: string): string {
    return this.ports.server + address
  }

  /** Asks, and gives what the route gives. */
  async ask<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    options: Options<M, P> = {}
  ): Promise<AnswerOf<M, P>> {
    return (await this.tagged(method, path, options)).value
  }

  /** Asks, and gives the ETag too. */
  async tagged<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    options: Options<M, P> = {}
  ): Promise<Tagged<AnswerOf<M, P>>> {
    const address = addressOf(path, options.path, options.query)
    try {
      return (await this.patiently(method, address, options)) as Tagged<AnswerOf<M, P>>
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.code === 'auth.confirm' && (await this.ports.confirm())) {
        return (await this.patiently(method, address, options)) as Tagged<AnswerOf<M, P>>
      }
      if (error.status === 401 && error.code !== 'auth.wrong') this.ports.signedOut()
      throw error
    }
  }

  /** Asks, and gives the answer as it was written, to the last digit. */
  async written<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    options: Options<M, P> = {}
  ): Promise<Tagged<string>> {
    const sent: Options<M, P> & { raw: true } = { ...options, raw: true }
    return await this.tagged(method, path, sent)
  }

  /** Tries again what may pass, where a second time does no harm. */
  private async patiently(method: Method, address: string, options: Sent): Promise<Tagged<unknown>> {
    const again = SAFE.includes(method) || options.once !== undefined
    for (let attempt = 0; ; ++attempt) {
      try {
        return await this.send(method, address, options)
      } catch (error) {
        if (!(error instanceof Refused) || !error.passes || attempt + 1 >= TRIES) throw error
        // A server that has no time has taken nothing of the bytes.
        const untaken = options.bytes !== undefined && (error.status === 429 || error.status === 503)
        if (!again && !untaken) throw error
        if (options.signal?.aborted === true) throw error
        await this.ports.wait(pauseBefore(attempt, error))
      }
    }
  }

  private async send(method: Method, address: string, options: Sent): Promise<Tagged<unknown>> {
    const headers: Record<string, string> = { accept: 'application/json' }
    const json = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
    const body = options.bytes ?? json
    if (body !== undefined)
      headers['content-type'] = options.bytes === undefined ? 'application/json' : 'application/octet-stream'
    if (!SAFE.includes(method) && this.csrf !== '') headers['x-weir-csrf'] = this.csrf
    if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch
    if (options.ifNoneMatch !== undefined) headers['if-none-match'] = options.ifNoneMatch
    if (options.once !== undefined) headers['idempotency-key'] = options.once
    let answer: Response
    let text: string
    try {
      answer = await this.ports.fetch(this.url(address), {
        method: method.toUpperCase(),
        headers,
        cache: 'no-store',
        credentials: 'include',
        ...(body === undefined ? {} : { body }),
        ...(options.signal === undefined ? {} : { signal: options.signal })
      })
      text = await answer.text()
    } catch (error) {
      if (options.signal?.aborted === true) throw error
      this.ports.reached(false)
      throw unreachable()
    }
    // What stands before the server answers so when the server itself does not.
    const away = answer.status === 502 || answer.status === 504
    this.ports.reached(!away)
    if (away) throw unreachable()
    if (!answer.ok) throw refusedOf(answer.status, text, answer.headers)
    const value: unknown = options.raw === true ? text : text === '' ? undefined : JSON.parse(text)
    return { value, etag: answer.headers.get('etag') }
  }
}

interface Sent {
  body?: unknown
  text?: string
  raw?: boolean
  bytes?: Blob
  ifNoneMatch?: string
  ifMatch?: string
  once?: string
  signal?: AbortSignal
}
