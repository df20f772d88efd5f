// CSV as Excel opens it right: with a byte order mark, since it takes other files for its own code page, and with CRLF.

const kMark = [0xef, 0xbb, 0xbf] as const
const [kQuote, kReturn, kNewline] = [0x22, 0x0d, 0x0a]

/** Passes UTF-8 on; line ends within quotes stay as they are. What has a mark or CRLF already keeps them. */
export function forExcel(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let begun = false
  let quoted = false
  let last = 0
  return new TransformStream({
    transform(bytes, control) {
      if (!begun && bytes.length > 0) {
        begun = true
        // A file is read in pieces that are larger than a mark.
        if (!kMark.every((byte, at) => bytes[at] === byte)) control.enqueue(Uint8Array.from(kMark))
      }
      const made = new Uint8Array(bytes.length * 2)
      let length = 0
      for (const byte of bytes) {
        if (byte === kQuote) quoted = !quoted
        if (byte === kNewline && last !== kReturn && !quoted) made[length++] = kReturn
        made[length++] = byte
        last = byte
      }
      control.enqueue(made.slice(0, length))
    }
  })
}

/** The whole of it; in memory or on the disk as the browser has it. */
export function excelBlob(file: Blob): Promise<Blob> {
  const stream = file.stream().pipeThrough(forExcel())
  return new Response(stream, { headers: { 'content-type': 'text/csv' } }).blob()
}
