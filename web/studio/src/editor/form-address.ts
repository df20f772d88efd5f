// Where the form of a flow is, as it is shared.

/** `kind`: a flow of the server, or of this browser. */
export function formAddress(kind: 'flows' | 'local', flow: string): string {
  const page = new URL(window.location.href)
  page.hash = `#/${kind}/${encodeURIComponent(flow)}/form`
  return page.href
}
