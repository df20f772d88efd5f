// LateZones: the time zones of a page, read while the engine starts; who begins a run waits for them.
import { WeirError } from '../errors.ts'
import type { ZoneHost } from './host-calls.ts'
import { PackedZones } from './packed-zones.ts'

export class LateZones implements ZoneHost {
  /** Never rejects: without the file only UTC and offsets are known, and an expression that names a zone says why. */
  readonly ready: Promise<void>
  private packed: PackedZones | undefined
  private why = 'this page was given no time zones'

  /** Where zones.bin is, or what gets it. */
  constructor(from: string | URL | (() => Promise<Response>) | undefined) {
    this.ready =
      from === undefined ? Promise.resolve() : this.load(typeof from === 'function' ? from : () => fetch(from))
  }

  read(name: string): Uint8Array {
    if (this.packed) return this.packed.read(name)
    throw new WeirError('zone.unknown', `${this.why}: '${name}' is not known here, only UTC and offsets such as +02:00`)
  }

  private async load(get: () => Promise<Response>): Promise<void> {
    try {
      this.packed = await PackedZones.from(await get())
    } catch (reason) {
      this.why = reason instanceof WeirError ? reason.message : 'the file of time zones cannot be fetched'
    }
  }
}
