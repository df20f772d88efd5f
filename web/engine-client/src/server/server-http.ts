// ServerHttp: requests to the API of a server: time limits, what may be repeated is, refusals as errors.
import { WeirError } from '../errors.ts'
import { jsonOf, refusalOf, whyUnreachable } from './refusal.ts'

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

export interface ServerHttpOptions {
  /** Where the API is, such as https://weir.example/api/v1. */
  url: string | URL
  /** By default the platform's. */
  fetch?: Fetch
  /** Headers that say who asks, such as `authorization`; asked before each request, so that a token may be renewed. */
  authorize?: () => Record<string, string> | Promise<Record<string, string>>
  /** Until an answer begins, and until one that is no stream has ended; 30 s. */
  timeoutMs?: number
  /** Tries of what may be repeated, the first among them; 4. */
  attempts?: number
  /** Before the second try, then twice as long each time; 200 ms, 10 s at most. */
  retryDelayMs?: number
}

export interface ServerRequest {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: string
  headers?: Record<string, string>
  /** Until the answer begins: who reads a long body ends it by cancelling that. */
  signal?: AbortSignal
  /** Asked twice it does no more than once; by default all but POST. */
  repeatable?: boolean
}

const MOST_DELAY_MS = 10_000

export class ServerHttp {
  readonly base: string

  constructor(private readonly options: ServerHttpOptions) {
    this.base = absolute(options.url).replace(/\/+$/, '')
  }

  url(path: string): URL {
    return new URL(`${this.base}/${path}`)
  }

  /** An answer with a status of success. @throws WeirError, FlowError */
  async ask(path: string, request: ServerRequest = {}): Promise<Response> {
    const { repeatable = request.method !== 'POST' } = request
    const attempts = repeatable ? (this.options.attempts ?? 4) : 1
    for (let attempt = 1; ; attempt++) {
      let error: WeirError
      let waitMs = 0
      try {
        const response = await this.once(path, request)
        if (response.ok) return response
        waitMs = retryAfterMs(response)
        error = refusalOf(response, await this.textOf(response).catch(() => ''))
      } catch (reason) {
        if (!(reason instanceof WeirError)) throw reason
        error = reason
      }
      if (attempt >= attempts || !error.recoverable || request.signal?.aborted === true) throw error
      await this.pause(attempt, waitMs, request.signal)
    }
  }

  /** Longer after each try that failed. Ends at once when `signal` does. */
  pause(attempt: number, atLeastMs = 0, signal?: AbortSignal): Promise<void> {
    const base = (this.options.retryDelayMs ?? 200) * 2 ** (attempt - 1)
    const waitMs = Math.min(MOST_DELAY_MS, Math.max(base * (0.75 + Math.random() / 2), atLeastMs))
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, waitMs)
      signal?.addEventListener('abort', end)
      if (signal?.aborted === true) end()
    })
  }

  /** JSON of an answer that comes as a whole, all of it within the time limit. @throws WeirError, FlowError */
  async json(path: string, request: ServerRequest = {}): Promise<unknown> {
    return jsonOf(await this.textOf(await this.ask(path, request)))
  }

  /** The whole of an answer. @throws WeirError `network.timeout` if it does not end in time. */
  async textOf(response: Response): Promise<string> {
    const { timeoutMs = 30_000 } = this.options
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    let text = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      reader?.cancel().catch(() => undefined)
    }, timeoutMs)
    try {
      for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
        text += decoder.decode(read.value, { stream: true })
      }
    } catch (reason) {
      throw await whyUnreachable(new URL(this.base), reason)
    } finally {
      clearTimeout(timer)
    }
    if (!isTrue(late)) return text + decoder.decode()
    const { host } = new URL(this.base)
    throw new WeirError('network.timeout', `the answer of ${host} did not end within ${timeoutMs / 1000} s`, true)
  }

  private async once(path: string, request: ServerRequest): Promise<Response> {
    const url = this.url(path)
    const timeoutMs = this.options.timeoutMs ?? 30_000
    const abort = new AbortController()
    const state = { late: false }
    const stop = (): void => {
      abort.abort()
    }
    request.signal?.addEventListener('abort', stop)
    if (request.signal?.aborted === true) stop()
    const timer = setTimeout(() => {
      state.late = true
      abort.abort()
    }, timeoutMs)
    try {
      const headers = { ...(await this.options.authorize?.()), ...request.headers }
      const ask = this.options.fetch ?? ((input, init) => fetch(input, init))
      const init: RequestInit = { method: request.method ?? 'GET', headers, signal: abort.signal }
      if (request.body !== undefined) init.body = request.body
      return await ask(url.href, init)
    } catch (reason) {
      if (state.late)
        throw new WeirError('network.timeout', `${url.host} did not answer within ${timeoutMs / 1000} s`, true)
      if (request.signal?.aborted === true) throw new WeirError('run.cancelled', 'the request was given up')
      throw reason instanceof WeirError ? reason : await whyUnreachable(url, reason)
    } finally {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', stop)
    }
  }
}

/** @throws WeirError for what is no address of http. */
function absolute(url: string | URL): string {
  const place = (globalThis as { location?: { href: string } }).location
  const text = url.toString()
  if (!URL.canParse(text, place?.href)) throw new WeirError('url.invalid', `'${text}' is no address of a server`)
  const found = new URL(text, place?.href)
  if (found.protocol !== 'http:' && found.protocol !== 'https:') {
    throw new WeirError('url.invalid', `'${text}': the address of a server begins with http: or https:`)
  }
  return found.href
}

/** Set by a timer, which the compiler does not see. */
function isTrue(flag: boolean): boolean {
  return flag
}

/** Seconds only: a date is as good as none. */
function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) ? seconds * 1000 : 0
}
