// A curl command as the request that it makes.

export interface CurlRequest {
  url: string
  method: string
  headers: Map<string, string>
  body: string
  user: string
  /** Options that say something this request cannot. */
  ignored: string[]
}

/** The words of a command as a POSIX shell reads them: quotes, backslashes, lines that go on. */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  let any = false
  let quote = ''
  for (let i = 0; i < text.length; ++i) {
    const letter = text.charAt(i)
    if (quote === "'") {
      if (letter === "'") quote = ''
      else word += letter
    } else if (letter === '\\') {
      const next = text.charAt(++i)
      if (next === '\r' && text.charAt(i + 1) === '\n') ++i
      else if (next !== '\n') word += quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next
      any ||= next !== '\n' && next !== '\r'
    } else if (quote === '"') {
      if (letter === '"') quote = ''
      else word += letter
    } else if (letter === "'" || letter === '"') {
      quote = letter
      any = true
    } else if (/\s/.test(letter)) {
      if (any) words.push(word)
      word = ''
      any = false
    } else {
      word += letter
      any = true
    }
  }
  if (any) words.push(word)
  return words
}

const kLong: Readonly<Record<string, string>> = {
  '-X': '--request',
  '-H': '--header',
  '-d': '--data',
  '--data-raw': '--data',
  '--data-binary': '--data',
  '--data-ascii': '--data',
  '--data-urlencode': '--data',
  '-u': '--user',
  '-A': '--user-agent',
  '-e': '--referer',
  '-b': '--cookie',
  '-o': '--output',
  '-m': '--max-time',
  '-I': '--head',
  '-G': '--get'
}
const kWithValue = new Set(
  '--request --header --data --json --user --user-agent --referer --cookie --output --max-time --url --connect-timeout --proxy --cacert'.split(
    ' '
  )
)
const kQuiet = new Set(
  '-s -S -sS -L -sL -k -i -v -f -fsSL --silent --show-error --location --compressed --insecure --include --verbose --fail --output --max-time'.split(
    ' '
  )
)

/** Undefined if the text is no curl command with a URL. */
export function parseCurl(text: string): CurlRequest | undefined {
  const words = shellWords(text.trim().replace(/^\$\s+/, ''))
  if (words[0] !== 'curl') return undefined
  const request: CurlRequest = { url: '', method: '', headers: new Map(), body: '', user: '', ignored: [] }
  let usual = 'GET'
  for (let i = 1; i < words.length; ++i) {
    let word = words[i] ?? ''
    let value: string | undefined
    const joined = /^(-[XHdubAe])(.+)$/s.exec(word) ?? /^(--[a-z-]+)=(.*)$/s.exec(word)
    if (joined !== null) [word, value] = [joined[1] ?? '', joined[2]]
    const option = Object.hasOwn(kLong, word) ? (kLong[word] ?? word) : word
    if (!option.startsWith('-')) {
      if (request.url === '') request.url = option
      continue
    }
    if (kWithValue.has(option)) value ??= words[++i] ?? ''
    usual = take(request, option, value ?? '', usual)
  }
  if (!/^[a-z]+:\/\//i.test(request.url)) request.url = request.url === '' ? '' : `http://${request.url}`
  request.method = request.method === '' ? usual : request.method.toUpperCase()
  return request.url === '' ? undefined : request
}

/** Takes one option into the request; gives the method that it has if none is named. */
function take(request: CurlRequest, option: string, value: string, usual: string): string {
  const header = (name: string): void => {
    request.headers.set(name, value)
  }
  switch (option) {
    case '--request':
      request.method = value
      return usual
    case '--url':
      request.url = value
      return usual
    case '--header': {
      const colon = value.indexOf(':')
      if (colon > 0) request.headers.set(value.slice(0, colon).trim(), value.slice(colon + 1).trim())
      return usual
    }
    case '--data':
    case '--json':
      request.body += (request.body === '' ? '' : '&') + value
      if (option === '--json') request.headers.set('Content-Type', 'application/json')
      return 'POST'
    case '--user':
      request.user = value
      return usual
    case '--user-agent':
      header('User-Agent')
      return usual
    case '--referer':
      header('Referer')
      return usual
    case '--cookie':
      header('Cookie')
      return usual
    case '--head':
      return 'HEAD'
    default:
      if (!kQuiet.has(option)) request.ignored.push(option)
      return usual
  }
}
