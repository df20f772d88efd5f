// FetchHttp: single requests by fetch().
import { WeirError, asWeirError } from '../../errors.ts'
import type { HttpHost, HttpRequest, HttpResponse } from '../../hosts/host-calls.ts'
import { whyFailed, type PolicyWatch } from './blocked.ts'
import type { Outgoing, Sending } from './sending.ts'

const BODILESS = ['GET', 'HEAD']

export class FetchHttp implements HttpHost {
  constructor(
    private readonly sending: Sending,
    private readonly policy: PolicyWatch
  ) {}

  async send(request: HttpRequest): Promise<HttpResponse> {
    const timer = new AbortController()
    const timeout = setTimeout(() => {
      timer.abort()
    }, request.timeoutMs)
    try {
      const outgoing = await this.sending.prepare(request, ['http:', 'https:'])
      const response = await this.fetched(request, outgoing, timer.signal)
      const body = await bodyOf(response, request.maxResponseBytes, outgoing.url.host)
      const headers = Array.from(response.headers, ([name, value]): [string, string] => [
        name,
        this.sending.forms.redactText(value)
      ])
      const url = this.sending.forms.redactText(response.url)
      return { status: response.status, headers, body: this.sending.forms.redact(body), url }
    } catch (reason) {
      throw this.sending.redacted(asWeirError(this.explained(reason, request, timer.signal)))
    } finally {
      clearTimeout(timeout)
    }
  }

  private async fetched(request: HttpRequest, outgoing: Outgoing, signal: AbortSignal): Promise<Response> {
    const { url, isSecret } = outgoing
    // Other origins would have to allow the header in so many words (CORS): the trace ends here.
    const isOurs = url.origin === location.origin
    const headers = outgoing.headers.filter(([name]) => isOurs || name.toLowerCase() !== 'traceparent')
    // Where a redirect leads cannot be seen before it is followed: with a secret none is.
    const follows = request.maxRedirects > 0 && !isSecret
    const options: RequestInit = {
      method: request.method,
      headers,
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      redirect: follows ? 'follow' : 'manual',
      signal
    }
    if (request.body.length > 0 && !BODILESS.includes(request.method.toUpperCase())) options.body = request.body
    const response = await fetch(url, options).catch(async (reason: unknown) => {
      if (signal.aborted) throw reason
      throw await whyFailed(url, this.policy)
    })
    if (response.type !== 'opaqueredirect') return response
    throw new WeirError(
      'http.redirects',
      isSecret
        ? `${url.host} redirects; a request with a secret is not redirected in a browser: give the address it leads to`
        : `${url.host} redirects, and maxRedirects is 0`
    )
  }

  private explained(reason: unknown, request: HttpRequest, signal: AbortSignal): unknown {
    if (!signal.aborted) return reason
    const host = URL.canParse(request.url) ? new URL(request.url).host : 'the server'
    return new WeirError('network.timeout', `${host} did not answer within ${request.timeoutMs} ms`, true)
  }
}

/** Stops reading once there is more than may be. */
async function bodyOf(response: Response, most: number, host: string): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0)
  const parts: Uint8Array[] = []
  let size = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((reason: unknown) => {
      if (reason instanceof DOMException && reason.name === 'AbortError') throw reason
      throw new WeirError('network.closed', `${host} ended the connection in the middle of its answer`, true)
    })
    if (done) break
    size += value.length
    if (size > most) {
      await reader.cancel().catch(() => undefined)
      throw new WeirError('http.too_large', `the answer of ${host} is larger than ${most} bytes`)
    }
    parts.push(value)
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.length
  }
  return body
}
