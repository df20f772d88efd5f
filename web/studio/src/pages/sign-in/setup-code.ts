// The code of a setup link, from whatever a person has copied of it.

/** The code in a whole link, or the code itself; empty if there is none in the text. */
export function setupCodeOf(text: string): string {
  const found = /#code=([^\s&#]+)/.exec(text)?.[1]
  if (found !== undefined) {
    try {
      return decodeURIComponent(found)
    } catch {
      return ''
    }
  }
  const bare = text.trim()
  return /^[\w.~+/=-]{8,}$/.test(bare) && !bare.includes('//') ? bare : ''
}
