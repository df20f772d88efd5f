// PackedZones: the time zones of tzdata out of the one file that scripts/pack-zones.mjs makes.
import { WeirError } from '../errors.ts'

/** What leads the file: names and where their TZif bytes lie behind it. */
interface Index {
  version: string
  zones: Record<string, [at: number, bytes: number]>
}

const MAGIC = 'WEIRZONE'

function isIndex(value: unknown): value is Index {
  if (typeof value !== 'object' || value === null) return false
  const { version, zones } = value as Partial<Index>
  return typeof version === 'string' && typeof zones === 'object'
}

async function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(text).arrayBuffer())
}

export class PackedZones {
  private constructor(
    private readonly index: Index,
    private readonly blob: Uint8Array<ArrayBuffer>
  ) {}

  /** @throws WeirError `zone.corrupt` for what is no such file. */
  static async unpack(packed: Uint8Array<ArrayBuffer>): Promise<PackedZones> {
    try {
      const bytes = await unzipped(packed)
      const head = new TextDecoder().decode(bytes.subarray(0, MAGIC.length))
      const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true)
      const begin = MAGIC.length + 4
      const index: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(begin, begin + size)))
      if (head === MAGIC && isIndex(index)) return new PackedZones(index, bytes.subarray(begin + size))
    } catch {
      // Said below.
    }
    throw new WeirError('zone.corrupt', 'the file of time zones cannot be read; was it copied whole?')
  }

  /** The file that an answer holds. */
  static async from(response: Response): Promise<PackedZones> {
    if (!response.ok) throw new WeirError('zone.corrupt', `there are no time zones at ${response.url}`)
    return PackedZones.unpack(new Uint8Array(await response.arrayBuffer()))
  }

  /** Of tzdata, such as `2026b`. */
  get version(): string {
    return this.index.version
  }

  get names(): string[] {
    return Object.keys(this.index.zones)
  }

  /** TZif bytes. */
  read(name: string): Uint8Array {
    const place = Object.hasOwn(this.index.zones, name) ? this.index.zones[name] : undefined
    if (!place) throw new WeirError('zone.unknown', `there is no time zone '${name}'; write one such as 'Europe/Paris'`)
    return this.blob.subarray(place[0], place[0] + place[1])
  }
}
