// Answers that are read as they come: fetch() reads no further than the run does.
import { WeirError } from '../../errors.ts'
import type { StreamPiece, StreamTarget } from '../../hosts/host-calls.ts'
import { whyFailed, type PolicyWatch } from './blocked.ts'
import type { Connection } from './browser-streams.ts'
import type { SecretForms } from './secret-forms.ts'
import type { Outgoing } from './sending.ts'

const TRY_AGAIN = [408, 425, 429]

export async function openAnswer(
  { url, headers, isSecret }: Outgoing,
  target: StreamTarget,
  policy: PolicyWatch,
  forms: SecretForms
): Promise<Connection> {
  const abort = new AbortController()
  const timer = setTimeout(() => {
    abort.abort()
  }, target.connectTimeoutMs)
  const response = await fetch(url, {
    headers,
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    redirect: isSecret ? 'manual' : 'follow',
    signal: abort.signal
  })
    .catch(async (reason: unknown) => {
      if (!abort.signal.aborted) throw await whyFailed(url, policy)
      if (reason instanceof WeirError) throw reason
      throw new WeirError('network.timeout', `${url.host} did not answer within ${target.connectTimeoutMs} ms`, true)
    })
    .finally(() => {
      clearTimeout(timer)
    })
  if (response.type === 'opaqueredirect') {
    throw new WeirError(
      'http.redirects',
      `${url.host} redirects; a request with a secret is not redirected in a browser`
    )
  }
  if (!response.ok || !response.body) {
    abort.abort()
    const { status } = response
    throw new WeirError('http.status', `${url.host} answered ${status}`, status >= 500 || TRY_AGAIN.includes(status))
  }
  return new AnswerConnection(response.body.getReader(), abort, url.host, forms)
}

class AnswerConnection implements Connection {
  /** The end of what came, while it may be the beginning of a secret. */
  private held = new Uint8Array(0)

  constructor(
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
    private readonly abort: AbortController,
    private readonly host: string,
    private readonly forms: SecretForms
  ) {}

  async read(): Promise<StreamPiece[]> {
    for (;;) {
      const { done, value } = await this.reader.read().catch(() => {
        throw new WeirError('network.closed', `the connection to ${this.host} is closed`, true)
      })
      const bytes = new Uint8Array(this.held.length + (value?.length ?? 0))
      bytes.set(this.held)
      if (value) bytes.set(value, this.held.length)
      const keep = done ? 0 : this.forms.open(bytes)
      this.held = bytes.slice(bytes.length - keep)
      const ready = bytes.subarray(0, bytes.length - keep)
      if (ready.length > 0) return [{ text: false, bytes: ready }]
      if (done) return []
    }
  }

  write(): Promise<void> {
    return Promise.reject(new WeirError('network.closed', 'an answer of HTTP is only read'))
  }

  close(): void {
    this.abort.abort()
  }
}
