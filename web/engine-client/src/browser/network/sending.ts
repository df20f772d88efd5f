// Sending: what goes out with a request: secrets are put in here, for the host they are sent to, and nowhere else.
import { WeirError } from '../../errors.ts'
import type { Secret } from '../storage/secret-store.ts'
import { SecretForms } from './secret-forms.ts'

export interface Secrets {
  open(name: string): Promise<Secret | undefined>
}

export interface Outgoing {
  url: URL
  headers: [string, string][]
  /** Something secret is sent along: a redirect must not carry it elsewhere. */
  isSecret: boolean
}

interface Target {
  url: string
  headers: [string, string][]
  user: string
  password: string
}

const MARK = /\$\{secret:([^}]*)\}/g

function hostMatches(pattern: string, url: URL): boolean {
  const [wanted, name] = [pattern.toLowerCase(), url.hostname.toLowerCase()]
  const port = url.port === '' ? (url.protocol === 'https:' || url.protocol === 'wss:' ? '443' : '80') : url.port
  if (wanted === name || wanted === `${name}:${port}`) return true
  return wanted.startsWith('*.') && name.length > wanted.length - 1 && name.endsWith(wanted.slice(1))
}

export class Sending {
  /** Of every secret that was sent by this worker. */
  readonly forms = new SecretForms()

  constructor(private readonly secrets: Secrets | undefined) {}

  /** User and password become a header: a page cannot put them in an address. */
  async prepare(target: Target, protocols: string[]): Promise<Outgoing> {
    const plain = target.url.replace(MARK, 'secret')
    const place = this.parse(plain, protocols)
    const url = this.parse(await this.resolve(target.url, place), protocols)
    const headers: [string, string][] = []
    for (const [name, value] of target.headers) headers.push([name, await this.resolve(value, place)])
    const user = target.user === '' ? decodeURIComponent(url.username) : await this.resolve(target.user, place)
    const password =
      target.password === '' ? decodeURIComponent(url.password) : await this.resolve(target.password, place)
    url.username = url.password = ''
    if (user !== '' || password !== '') headers.push(['authorization', basic(user, password)])
    const texts = [target.url, target.user, target.password, ...target.headers.map(([, value]) => value)]
    return { url, headers, isSecret: texts.some((text) => text.includes('${secret:')) }
  }

  redacted(error: WeirError): WeirError {
    return new WeirError(error.code, this.forms.redactText(error.message), error.recoverable)
  }

  private parse(text: string, protocols: string[]): URL {
    if (!URL.canParse(text)) throw new WeirError('url.invalid', `'${this.forms.redactText(text)}' is not an address`)
    const url = new URL(text)
    if (protocols.includes(url.protocol)) return url
    const known = protocols.map((one) => one.slice(0, -1)).join(', ')
    throw new WeirError('url.invalid', `a page cannot connect to ${url.protocol}//; it can to ${known}`)
  }

  private async resolve(text: string, place: URL): Promise<string> {
    let out = ''
    let from = 0
    for (const found of text.matchAll(MARK)) {
      out += text.slice(from, found.index) + (await this.value(found[1] ?? '', place))
      from = found.index + found[0].length
    }
    return out + text.slice(from)
  }

  private async value(name: string, place: URL): Promise<string> {
    const secret = await this.secrets?.open(name)
    if (!secret)
      throw new WeirError('secret.missing', `secret '${name}' is not in the store of this browser; set it first`)
    if (secret.hosts.length > 0 && !secret.hosts.some((pattern) => hostMatches(pattern, place))) {
      throw new WeirError(
        'secret.host',
        `secret '${name}' may not be sent to '${place.host}'; add that host to its hosts if that is right`
      )
    }
    this.forms.add(secret.value)
    return secret.value
  }
}

function basic(user: string, password: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`
}
