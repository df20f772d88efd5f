// ChangeNotices: tells the other tabs of this origin what was stored, so that their lists and editors follow.

const CHANNEL = 'weir-storage'

export interface ChangeNotice {
  kind: 'flow' | 'version' | 'run' | 'recording' | 'setting' | 'edit'
  id: string
  /** Of the flow, number of the version or edit; 0: it is gone. */
  revision: number
}

const KINDS = ['flow', 'version', 'run', 'recording', 'setting', 'edit']

function isNotice(data: unknown): data is ChangeNotice {
  const notice = data as Partial<ChangeNotice> | null
  if (typeof notice !== 'object' || notice === null) return false
  return KINDS.includes(notice.kind ?? '') && typeof notice.id === 'string' && typeof notice.revision === 'number'
}

export class ChangeNotices {
  private readonly channel: BroadcastChannel
  private readonly listeners = new Set<(notice: ChangeNotice) => void>()

  constructor(database: string) {
    this.channel = new BroadcastChannel(`${CHANNEL}:${database}`)
    this.channel.onmessage = (event: MessageEvent) => {
      if (isNotice(event.data)) for (const listener of this.listeners) listener(event.data)
    }
    // Node.js would otherwise not end.
    ;(this.channel as { unref?: () => void }).unref?.()
  }

  /** Changes made in other tabs; the answer ends the listening. */
  listen(listener: (notice: ChangeNotice) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  say(notice: ChangeNotice): void {
    this.channel.postMessage(notice)
  }

  close(): void {
    this.channel.close()
  }
}
