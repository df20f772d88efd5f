// Ids by chance, also where a site without TLS has no crypto.randomUUID.

/** A version 4 UUID. */
export function randomId(): string {
  const made = (crypto as { randomUUID?: () => string }).randomUUID?.()
  if (made !== undefined) return made
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
