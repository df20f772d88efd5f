// SHA-256 (FIPS 180-4) of bytes that come in pieces: what the platform offers takes them all at once only.

/** First 32 bits of the fractional parts of roots of the first primes: square roots of 8, cube roots of 64. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const found = new Uint32Array(count)
  let at = 0
  for (let candidate = 2; at < count; ++candidate) {
    let isPrime = true
    for (let divisor = 2; divisor * divisor <= candidate; ++divisor) isPrime &&= candidate % divisor !== 0
    if (!isPrime) continue
    const value = root(candidate)
    found[at] = Math.floor((value - Math.floor(value)) * 2 ** 32)
    at += 1
  }
  return found
}

const kStart = fractions(8, Math.sqrt)
const kRounds = fractions(64, Math.cbrt)
const kBlock = 64
/** Bytes of a file that are read at once. */
const kPieceBytes = 4 << 20

export class Sha256 {
  private readonly state = Uint32Array.from(kStart)
  private readonly words = new Uint32Array(64)
  private readonly waiting = new Uint8Array(kBlock)
  private held = 0
  private bytes = 0

  add(piece: Uint8Array): this {
    this.bytes += piece.length
    let at = 0
    if (this.held > 0) {
      at = Math.min(kBlock - this.held, piece.length)
      this.waiting.set(piece.subarray(0, at), this.held)
      this.held += at
      if (this.held < kBlock) return this
      this.block(this.waiting, 0)
      this.held = 0
    }
    for (; at + kBlock <= piece.length; at += kBlock) this.block(piece, at)
    this.waiting.set(piece.subarray(at))
    this.held = piece.length - at
    return this
  }

  /** 64 lower-case hexadecimal digits; once. */
  finish(): string {
    const { bytes } = this
    const padding = new Uint8Array((bytes % kBlock < 56 ? 56 : 120) - (bytes % kBlock) + 8)
    padding[0] = 0x80
    const view = new DataView(padding.buffer)
    view.setUint32(padding.length - 8, Math.floor(bytes / 2 ** 29))
    view.setUint32(padding.length - 4, (bytes * 8) >>> 0)
    this.add(padding)
    return Array.from(this.state, (word) => word.toString(16).padStart(8, '0')).join('')
  }

  private block(from: Uint8Array, at: number): void {
    const { words, state } = this
    for (let i = 0; i < 16; ++i) {
      const j = at + i * 4
      words[i] = ((from[j] ?? 0) << 24) | ((from[j + 1] ?? 0) << 16) | ((from[j + 2] ?? 0) << 8) | (from[j + 3] ?? 0)
    }
    for (let i = 16; i < 64; ++i) {
      const x = words[i - 15] ?? 0
      const y = words[i - 2] ?? 0
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      words[i] = ((words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1) | 0
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; ++i) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const first = (h + s1 + ((e & f) ^ (~e & g)) + (kRounds[i] ?? 0) + (words[i] ?? 0)) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    const sums = [a, b, c, d, e, f, g, h]
    for (let i = 0; i < 8; ++i) state[i] = (state[i] ?? 0) + (sums[i] ?? 0)
  }
}

/** Of a text in UTF-8. */
export function sha256Of(text: string): string {
  return new Sha256().add(new TextEncoder().encode(text)).finish()
}

/** Of a file, piece by piece; `see` is shown each of them. */
export async function sha256OfFile(file: Blob, see: (piece: Uint8Array) => void = () => undefined): Promise<string> {
  const sum = new Sha256()
  for (let at = 0; at < file.size; at += kPieceBytes) {
    const piece = new Uint8Array(await file.slice(at, at + kPieceBytes).arrayBuffer())
    sum.add(piece)
    see(piece)
  }
  return sum.finish()
}
