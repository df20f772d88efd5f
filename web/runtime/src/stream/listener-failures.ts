// Failures of listeners: what a page's own listener throws is reported, and changes nothing for the connection.

export class ListenerFailures {
  private readonly said = new WeakSet()

  /** Calls, and reports what is thrown: the first time for each `listener`. */
  guard(listener: object, call: () => void): void {
    try {
      call()
    } catch (reason) {
      if (this.said.has(listener)) return
      this.said.add(listener)
      report(reason)
    }
  }
}

/** As an error of the page that nobody caught; where there is no such thing (Node.js), on the console. */
function report(reason: unknown): void {
  const page = globalThis as { reportError?: (reason: unknown) => void }
  if (page.reportError) page.reportError(reason)
  else console.error('a listener of @weir/runtime threw an error; it is told once for each listener:', reason)
}
