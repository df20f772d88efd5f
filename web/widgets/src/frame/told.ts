// What code of the page or of another package throws where nobody could catch it: told to the page, and nothing stops.

/** Tells the page of an error, as the page is told of one that a listener of an event throws. */
export function tell(reason: unknown): void {
  if (typeof reportError === 'function') reportError(reason)
  else console.error(reason)
}

/** Calls code that is not ours; what it throws is told and goes no further. */
export function attempt(call: () => unknown): void {
  try {
    call()
  } catch (reason) {
    tell(reason)
  }
}

/** `undefined` thrown is an error too, and must not look like a clean end. */
export function errorOf(reason: unknown, otherwise: string): unknown {
  return reason ?? new Error(otherwise)
}
