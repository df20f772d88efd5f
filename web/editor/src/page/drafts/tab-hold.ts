// TabHold: one tab of this browser edits a flow, and others follow it; any of them may take it over.
import { FlowLocks } from '@weir/engine-client/storage'
import type { FlowHold } from '@weir/engine-client/storage'

export interface TabHold {
  /** Whether this tab edits. */
  readonly holds: boolean
  /** The tab that edits saves and lets go. @throws with the reason why it does not */
  takeOver(): Promise<void>
  /** Has others told from now on when the flow is asked for or lost: it was opened anew. */
  bind(wishes: HoldWishes): void
  /** Tells the other tabs that the log has got more. */
  tell(): void
  /** Called when another tab has told so. */
  onTold(listener: () => void): void
  close(): Promise<void>
}

export interface HoldWishes {
  /** Saves before the flow goes to another tab. */
  save(): Promise<void>
  /** Another tab edits from now on. */
  lost(): void
}

export type HoldFlow = (key: string, wishes: HoldWishes) => Promise<TabHold>

const kChannel = 'weir-drafts'

class BrowserHold implements TabHold {
  private readonly channel = new BroadcastChannel(kChannel)
  private listener: () => void = () => undefined

  constructor(
    private readonly key: string,
    private readonly locks: FlowLocks,
    private readonly hold: FlowHold,
    private readonly bound: { wishes: HoldWishes }
  ) {
    this.channel.onmessage = (event: MessageEvent<unknown>) => {
      if (event.data === this.key) this.listener()
    }
  }

  get holds(): boolean {
    return this.hold.isHeld
  }

  takeOver(): Promise<void> {
    return this.hold.takeOver({ byForce: true })
  }

  bind(wishes: HoldWishes): void {
    this.bound.wishes = wishes
  }

  tell(): void {
    this.channel.postMessage(this.key)
  }

  onTold(listener: () => void): void {
    this.listener = listener
  }

  async close(): Promise<void> {
    this.channel.close()
    await this.hold.close()
    this.locks.close()
  }
}

/** The only tab there is: where the browser has no locks, as on a site without TLS. */
const kAlone: TabHold = {
  holds: true,
  takeOver: () => Promise.resolve(),
  bind: () => undefined,
  tell: () => undefined,
  onTold: () => undefined,
  close: () => Promise.resolve()
}

/** Holds a flow among the tabs of this browser. */
export const holdInBrowser: HoldFlow = async (key, wishes) => {
  if (!('locks' in navigator)) return kAlone
  const locks = new FlowLocks(() => document.title)
  const bound = { wishes }
  const hold = await locks.open(key, {
    onAsked: () => bound.wishes.save(),
    onLost: () => {
      bound.wishes.lost()
    }
  })
  return new BrowserHold(key, locks, hold, bound)
}
