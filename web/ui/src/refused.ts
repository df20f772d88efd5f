// Refusals: what the server, or the way to it, said instead of an answer, and what a person can do about it.

/** One place of a document, or of a body, that was refused. */
export interface Problem {
  severity: string
  code: string
  pointer: string
  message: string
  suggestion?: string
}

/** An answer that is none: problem details of the server, or no answer at all (status 0). */
export class Refused extends Error {
  override readonly name = 'Refused'
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly problems: readonly Problem[] = [],
    readonly retryAfterMs: number | null = null,
    readonly request = ''
  ) {
    super(detail)
  }

  /** Whether the same request may well be answered a little later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

interface ProblemDetails {
  detail?: unknown
  code?: unknown
  problems?: unknown
}

/** What an answer with a refusing status says; a body that is no problem details is named by its status. */
export function refusedOf(status: number, text: string, headers: Headers): Refused {
  let details: ProblemDetails = {}
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read === 'object' && read !== null) details = read
  } catch {
    details = {}
  }
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new Refused(
    status,
    typeof details.code === 'string' ? details.code : '',
    typeof details.detail === 'string' ? details.detail : `the server answered with status ${status}`,
    Array.isArray(details.problems) ? (details.problems as Problem[]) : [],
    Number.isFinite(seconds) ? seconds * 1000 : null,
    headers.get('x-request-id') ?? ''
  )
}

/** No answer came: the server is away, or this machine has no network. */
export function unreachable(): Refused {
  return new Refused(0, 'studio.unreachable', 'the server does not answer')
}

const BY_CODE: Record<string, string> = {
  'auth.confirm': 'Give your password once more.',
  'auth.required': 'Sign in again.',
  'auth.wrong': 'Check the name and the password; both count the case of their letters.',
  'run.no_version': 'Publish a version of the flow, or start its draft.',
  'api.stale': 'Somebody has changed it meanwhile. Load it again, then make your change.'
}

const BY_STATUS: Record<number, string> = {
  0: 'Check that the server runs and that this machine is connected. The page tries again by itself.',
  401: 'Sign in again.',
  403: 'Ask somebody who administers this folder for the permission.',
  404: 'It may have been deleted, or you may not see it.',
  409: 'Look at how it stands now, then try again.',
  412: 'Somebody has changed it meanwhile. Load it again, then make your change.',
  413: 'Send less at a time.',
  422: 'Correct what is named, then try again.',
  429: 'Too much was asked at a time. Wait a moment, then try again.',
  503: 'The server cannot take this right now. Wait a moment, then try again.',
  507: 'The disk of the server is full. Delete runs or dead letters.'
}

/** What to do about a refusal, as one sentence; empty where only its own words can say it. */
export function adviceOf(error: unknown): string {
  if (!(error instanceof Refused)) return 'Load the page again.'
  const known = BY_CODE[error.code] ?? BY_STATUS[error.status]
  if (known !== undefined) return known
  if (error.status >= 500) return `Try again; if it stays so, show the administrator this request: ${error.request}`
  return ''
}

/** The words of any error, with a capital at the beginning and a full stop at the end. */
export function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`
}
