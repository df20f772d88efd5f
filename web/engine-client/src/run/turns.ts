// The next turn of the event loop, without the 4 ms that timers are held to.

function nextTurn(): (call: () => void) => void {
  const channel = new MessageChannel()
  let queued: (() => void)[] = []
  channel.port1.onmessage = () => {
    const now = queued
    queued = []
    for (const call of now) call()
  }
  const unref = (port: unknown): void => {
    ;(port as { unref?: () => void }).unref?.()
  }
  unref(channel.port1)
  return (call) => {
    if (queued.length === 0) channel.port2.postMessage(null)
    queued.push(call)
  }
}

/** Calls back in the next turn. */
export const soon: (call: () => void) => void =
  typeof setImmediate === 'function' ? (call) => void setImmediate(call) : nextTurn()
