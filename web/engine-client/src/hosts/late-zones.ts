// LateZones: the time zones of a page, read while the engine starts; who begins a run waits for them.
import { WeirError } from '../errors.ts'
import type { ZoneHost } from './host-calls.ts'
import { PackedZones } from './packed-zones.ts'

export class LateZones implements ZoneHost {
  /** Never rejects: without the file only UTC and offsets are known, and an expression that names a zone says why. */
  readonly ready: Promise<void>
  private packed: PackedZones | undefined
  private why = 'this page was given no time zones'

  /** `address`: of zones.bin. */
  constructor(address: string | URL | undefined) {
    this.ready = address === undefined ? Promise.resolve() : this.load(address)
  }

  read(name: string): Uint8Array {
    if (this.packed) return this.packed.read(name)
    throw new WeirError('zone.unknown', `${this.why}: '${name}' is not known here, only UTC and offsets such as +02:00`)
  }

  private async load(address: string | URL): Promise<void> {
    try {
      this.packed = await PackedZones.fetch(address)
    } catch (reason) {
      this.why = reason instanceof WeirError ? reason.message : `${String(address)} cannot be read`
    }
  }
}
