// KeptState: the state of runs, where each checkpoint of a kept run also says what its files were like. In workers.
import { asWeirError } from '../../errors.ts'
import type { StateChange, StateHost } from '../../hosts/host-calls.ts'
import type { SeenFiles } from '../files/seen-files.ts'
import { FILES_KEY, type CheckpointNews, type KeptFiles, type Progress } from './kept-run.ts'

export interface KeptPlace {
  /** In the state store. */
  key: string
  seen: SeenFiles
  progress: () => Promise<Progress>
  tell: (news: CheckpointNews) => void
}

const text = new TextEncoder()

function holdsCheckpoint(changes: StateChange[]): boolean {
  const prefix = 'checkpoint/'
  return changes.some(({ key, value }) => value !== null && new TextDecoder().decode(key).startsWith(prefix))
}

export class KeptState implements StateHost {
  private place: KeptPlace | undefined

  constructor(private readonly store: StateHost) {}

  /** Checkpoints of this run, until another one is. */
  keep(place: KeptPlace | undefined): void {
    this.place = place
  }

  async commit(flow: string, epoch: number, changes: StateChange[]): Promise<void> {
    const { place } = this
    if (place?.key !== flow || !holdsCheckpoint(changes)) return this.store.commit(flow, epoch, changes)
    // Before it is asked how far it is: what the run sees from here on belongs to the next checkpoint.
    const files = place.seen.list().map((file) => ({ ...file }))
    const kept: KeptFiles = { at: Date.now(), progress: await place.progress(), files }
    const value = text.encode(JSON.stringify(kept))
    try {
      await this.store.commit(flow, epoch, [...changes, { key: FILES_KEY, value, expiresAtMicros: 0 }])
    } catch (reason) {
      const { code, message } = asWeirError(reason)
      place.tell({ at: kept.at, progress: kept.progress, error: { code, message } })
      throw reason
    }
    place.tell({ at: kept.at, progress: kept.progress })
  }

  get(flow: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.store.get(flow, key)
  }

  list(flow: string, prefix: Uint8Array, after: Uint8Array, most: number): Promise<[Uint8Array, Uint8Array][]> {
    return this.store.list(flow, prefix, after, most)
  }
}
