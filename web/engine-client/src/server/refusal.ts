// What a server answers when it refuses, and why it could not be asked at all, as errors with a code.
import { FlowError, WeirError, type Problem } from '../errors.ts'

const CODE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/
const MOST_TEXT = 500
const PROBE_MS = 5_000

interface Said {
  code?: unknown
  detail?: unknown
  title?: unknown
  message?: unknown
  error?: { code?: unknown; message?: unknown }
  problems?: unknown
}

/** Of an answer that is not 2xx: problem+json (RFC 9457), or `{error: {code, message}}`, or whatever it says. */
export function refusalOf(response: Response, text: string): WeirError {
  const said = objectIn(text)
  const problems = Array.isArray(said?.problems) ? said.problems.filter(isProblem) : []
  if (problems.length > 0) return new FlowError(problems)
  const { status } = response
  const isPassing = status >= 500 || status === 408 || status === 429
  const message = textOf(said?.error?.message, said?.detail, said?.message, said?.title)
  const code = textOf(said?.error?.code, said?.code)
  if (status === 401 || status === 403) {
    return new WeirError('server.denied', message ?? `the server answered ${status}: sign in, or ask for the right`)
  }
  if (message !== undefined && code !== undefined && CODE.test(code)) return new WeirError(code, message, isPassing)
  const shown = message ?? text.slice(0, MOST_TEXT)
  return new WeirError('http.status', `the server answered ${status}: ${shown}`, isPassing)
}

/** JSON of an answer. @throws WeirError for what is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new WeirError(
      'protocol.invalid',
      `the server answered what is no JSON: ${text.slice(0, 80)}; is this the address of its API?`
    )
  }
}

/** Why `fetch` failed, which the platform itself does not say. */
export async function whyUnreachable(url: URL, reason: unknown): Promise<WeirError> {
  const place = (globalThis as { location?: { protocol: string; origin: string } }).location
  if (place === undefined || typeof document === 'undefined') return unreachable(url, reason)
  if (url.protocol === 'http:' && place.protocol === 'https:') {
    return new WeirError(
      'network.blocked',
      `the browser does not let a page that came over https ask ${url.host} over http; give the server an https address`
    )
  }
  if (url.origin !== place.origin && (await answers(url))) {
    return new WeirError(
      'network.blocked',
      `${url.host} answers, but does not allow pages of ${place.origin} to use it (CORS). Who runs it can allow that origin`
    )
  }
  return unreachable(url, reason)
}

function unreachable(url: URL, reason: unknown): WeirError {
  const { message, cause } = reason instanceof Error ? reason : new Error(String(reason))
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message
  return new WeirError('network.unreachable', `the server ${url.host} cannot be reached: ${why}`, true)
}

async function answers(url: URL): Promise<boolean> {
  const signal = AbortSignal.timeout(PROBE_MS)
  return fetch(url.origin, { method: 'HEAD', mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal }).then(
    () => true,
    () => false
  )
}

function objectIn(text: string): Said | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' && found !== null ? found : undefined
  } catch {
    return undefined
  }
}

function textOf(...values: unknown[]): string | undefined {
  return values.find((one): one is string => typeof one === 'string' && one !== '')
}

function isProblem(value: unknown): value is Problem {
  const problem = value as Partial<Problem> | null
  return typeof problem?.code === 'string' && typeof problem.message === 'string'
}
