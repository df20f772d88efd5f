// SecretForms: the forms that a secret may take on its way, and takes out of what comes back.

const LEAST_FORM_BYTES = 4
const HIDDEN = '***'

/** The part of the base64 text that does not depend on what stands before and behind the value. */
function base64Core(value: Uint8Array, before: number, isUrl: boolean): string {
  const padded = new Uint8Array(before + value.length)
  padded.set(value, before)
  let text = btoa(String.fromCharCode(...padded)).replace(/=+$/, '')
  if (isUrl) text = text.replaceAll('+', '-').replaceAll('/', '_')
  const head = before === 0 ? 0 : before + 1
  const tail = padded.length % 3 === 0 ? 0 : 1
  return text.length <= head + tail ? '' : text.slice(head, text.length - tail)
}

/** Raw, JSON-escaped, hex, URL-encoded and base64. */
function formsOf(value: string): string[] {
  const bytes = new TextEncoder().encode(value)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const strict = encodeURIComponent(value).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`
  )
  const lower = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase())
  const encoded = [strict, encodeURIComponent(value)].flatMap((one) => [
    one,
    one.replaceAll('%20', '+'),
    one.replaceAll('%2F', '/')
  ])
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    hex,
    hex.toUpperCase(),
    ...encoded,
    ...encoded.map(lower),
    ...[0, 1, 2].flatMap((before) => [base64Core(bytes, before, false), base64Core(bytes, before, true)])
  ]
}

function indexOf(bytes: Uint8Array, form: Uint8Array, from: number): number {
  const first = form[0] ?? 0
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + form.length > bytes.length) return -1
    let same = 1
    while (same < form.length && bytes[at + same] === form[same]) same++
    if (same === form.length) return at
  }
  return -1
}

export class SecretForms {
  /** Longest first. */
  private forms: { text: string; bytes: Uint8Array }[] = []

  add(value: string): void {
    for (const text of formsOf(value)) {
      const bytes = new TextEncoder().encode(text)
      if (bytes.length < LEAST_FORM_BYTES || this.forms.some((form) => form.text === text)) continue
      this.forms.push({ text, bytes })
    }
    this.forms.sort((a, b) => b.bytes.length - a.bytes.length)
  }

  redactText(text: string): string {
    let out = text
    for (const form of this.forms) out = out.replaceAll(form.text, HIDDEN)
    return out
  }

  redact(bytes: Uint8Array): Uint8Array {
    let out = bytes
    for (const form of this.forms) {
      for (let at = indexOf(out, form.bytes, 0); at >= 0; at = indexOf(out, form.bytes, at + HIDDEN.length)) {
        const next = new Uint8Array(out.length - form.bytes.length + HIDDEN.length)
        next.set(out.subarray(0, at))
        next.set(new TextEncoder().encode(HIDDEN), at)
        next.set(out.subarray(at + form.bytes.length), at + HIDDEN.length)
        out = next
      }
    }
    return out
  }

  /** How many bytes at the end may be the beginning of a form: they wait for what follows. */
  open(bytes: Uint8Array): number {
    let most = 0
    for (const { bytes: form } of this.forms) {
      for (let size = Math.min(form.length - 1, bytes.length); size > most; size--) {
        if (form.subarray(0, size).every((byte, i) => bytes[bytes.length - size + i] === byte)) most = size
      }
    }
    return most
  }
}
