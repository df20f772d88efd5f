// Whether there is a server: the page says so, or one answers where the page came from. Without one the studio is local.
import { server } from './server.ts'

export type Found = 'server' | 'local'

const kKnown = 'weir.had-server'
const kPatienceMs = 4000

function hadServer(): boolean {
  try {
    return localStorage.getItem(kKnown) === 'yes'
  } catch {
    return false
  }
}

function remember(): void {
  try {
    localStorage.setItem(kKnown, 'yes')
  } catch {
    // It is asked again the next time.
  }
}

/** What an answer to /api/v1/health is: a page of a static host is none. */
export async function isHealth(answer: Pick<Response, 'ok' | 'json'>): Promise<boolean> {
  if (!answer.ok) return false
  try {
    const value: unknown = await answer.json()
    return typeof value === 'object' && value !== null && typeof (value as { status?: unknown }).status === 'string'
  } catch {
    return false
  }
}

/**
 * Looks for the server. `<meta name="weir-server" content="none">` says that there is none. A server that was there before and does not
 * answer now is away, and not gone.
 */
export async function findPlace(
  said = document.querySelector('meta[name="weir-server"]')?.getAttribute('content') ?? '',
  ask: typeof fetch = (input, init) => fetch(input, init)
): Promise<Found> {
  if (said === 'none') return 'local'
  if (said !== '' || hadServer()) return 'server'
  try {
    const answer = await ask(server.url('/api/v1/health'), {
      cache: 'no-store',
      signal: AbortSignal.timeout(kPatienceMs)
    })
    if (!(await isHealth(answer))) return 'local'
    remember()
    return 'server'
  } catch {
    return 'local'
  }
}
