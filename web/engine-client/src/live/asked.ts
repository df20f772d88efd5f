// Asked: requests of the live protocol that wait for their reply, by id.
import { WeirError } from '../errors.ts'
import type { Control } from './frames.ts'

interface Waiting {
  control: Control
  done: (data: unknown) => void
  failed: (error: WeirError) => void
}

export class Asked {
  private readonly waiting = new Map<string, Waiting>()
  private last = 0

  /** `send` is called with the request; what it throws is the answer. */
  ask(
    type: string,
    data: Record<string, unknown>,
    subscription: number | undefined,
    send: (control: Control) => void
  ): Promise<unknown> {
    const id = String(++this.last)
    const control: Control = { v: 1, type, id, data }
    if (subscription !== undefined) control.subscription = subscription
    return new Promise((done, failed) => {
      this.waiting.set(id, { control, done, failed })
      try {
        send(control)
      } catch (reason) {
        this.waiting.delete(id)
        throw reason
      }
    })
  }

  /** False: the message answers nothing that was asked. */
  answered(message: Control): boolean {
    const found = message.id === undefined ? undefined : this.waiting.get(message.id)
    if (!found || message.id === undefined) return false
    this.waiting.delete(message.id)
    if (message.type === 'error') {
      const { code = 'live.unknown', message: text = '' } = (message.data ?? {}) as { code?: string; message?: string }
      found.failed(new WeirError(code, text))
    } else found.done(message.data)
    return true
  }

  /** Requests that were sent and not answered. */
  open(): Control[] {
    return [...this.waiting.values()].map((one) => one.control)
  }

  fail(error: WeirError, which: (control: Control) => boolean = () => true): void {
    for (const [id, one] of [...this.waiting]) {
      if (!which(one.control)) continue
      this.waiting.delete(id)
      one.failed(error)
    }
  }
}
