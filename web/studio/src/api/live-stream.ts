// Live streams of the server as Server-Sent Events, which come back by themselves after a cut, behind what was seen.

/** What a stream tells: its kind and its data. */
export interface LiveMessage {
  type: string
  data: unknown
}

export type StreamState = 'connecting' | 'open' | 'waiting' | 'closed'

export interface StreamHandlers {
  message(message: LiveMessage): void
  state?(state: StreamState): void
}

/** What of EventSource is used here. */
export interface Source {
  readonly readyState: number
  onopen: (() => void) | null
  onerror: (() => void) | null
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

export interface StreamPorts {
  open(url: string): Source
  later(work: () => void, ms: number): () => void
}

const BROWSER: StreamPorts = {
  open: (url) => new EventSource(url, { withCredentials: true }) as unknown as Source,
  later: (work, ms) => {
    const timer = setTimeout(work, ms)
    return () => {
      clearTimeout(timer)
    }
  }
}

const CLOSED = 2
const KINDS = [
  'metrics',
  'progress',
  'event',
  'log',
  'node-execution-error',
  'alert',
  'rows',
  'run-update',
  'ended',
  'closed'
]

function unwrapped(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read === 'object' && read !== null && 'v' in read && 'data' in read) return read.data
    return read
  } catch {
    return text
  }
}

/**
 * Reads a stream until the answer's function is called. A broken connection is the browser's to mend; a refused one is
 * tried again after 1, 2, 4 … 30 seconds. `closed` (the right to it has ended) is final.
 */
export function readStream(url: string, handlers: StreamHandlers, ports: StreamPorts = BROWSER): () => void {
  let source: Source | null = null
  let cancel: (() => void) | null = null
  let attempt = 0
  const end = (state: StreamState) => {
    cancel?.()
    source?.close()
    source = null
    cancel = null
    handlers.state?.(state)
  }
  const open = () => {
    handlers.state?.('connecting')
    const opened = ports.open(url)
    source = opened
    opened.onopen = () => {
      attempt = 0
      handlers.state?.('open')
    }
    opened.onerror = () => {
      if (opened.readyState !== CLOSED) {
        handlers.state?.('connecting')
        return
      }
      handlers.state?.('waiting')
      cancel = ports.later(open, Math.min(1000 * 2 ** attempt, 30_000))
      attempt += 1
    }
    for (const kind of KINDS) {
      opened.addEventListener(kind, (event) => {
        handlers.message({ type: kind, data: unwrapped(event.data) })
        if (kind === 'closed') end('closed')
      })
    }
  }
  open()
  return () => {
    end('closed')
  }
}
