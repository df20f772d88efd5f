// Why a request failed: the platform says only "failed"; this finds out what can be found out, in words.
import { WeirError } from '../../errors.ts'

const PROBE_MS = 5_000

/** Origins that the policy of the page has refused, for as long as the worker lives. */
export class PolicyWatch {
  private readonly refused = new Set<string>()

  constructor() {
    globalThis.addEventListener('securitypolicyviolation', (event) => {
      const { blockedURI } = event as SecurityPolicyViolationEvent
      if (this.refused.size < 1000 && URL.canParse(blockedURI)) this.refused.add(new URL(blockedURI).origin)
    })
  }

  refuses(url: URL): boolean {
    return this.refused.has(url.origin)
  }
}

/** True: the server answers, so that it is the browser that keeps the answer from the page. */
async function answers(url: URL): Promise<boolean> {
  try {
    await fetch(url.origin, {
      method: 'HEAD',
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(PROBE_MS)
    })
    return true
  } catch {
    return false
  }
}

export async function whyFailed(url: URL, policy: PolicyWatch): Promise<WeirError> {
  const host = url.host
  if (policy.refuses(url)) {
    return new WeirError('network.blocked', `the policy of this page does not let it connect to ${host}`)
  }
  if (url.protocol === 'http:' && location.protocol === 'https:') {
    return new WeirError(
      'network.blocked',
      `the browser does not let a page that came over https ask ${host} over http; use https, or run the flow elsewhere`
    )
  }
  if (!navigator.onLine) return new WeirError('network.refused', `the browser is offline: ${host} was not asked`, true)
  if (url.origin !== location.origin && (await answers(url))) {
    return new WeirError(
      'network.blocked',
      `${host} answers, but does not allow pages of ${location.origin} to read it (CORS). Its owner can send the header ` +
        'Access-Control-Allow-Origin; or run the flow with weir run or on a server, where this rule is not'
    )
  }
  return new WeirError('network.refused', `${host} cannot be reached`, true)
}
