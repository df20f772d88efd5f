// OperationStore: where the log of a document outlives its page.

export interface StoredGesture {
  sequence: number
  /** As gestureToText writes it. */
  text: string
}

/** A log of one document. Gestures have sequences that rise; an append either holds all of them or fails. */
export interface OperationStore {
  append(gestures: readonly StoredGesture[]): Promise<void>
  /** Those behind `sequence`, in order; 0 gives all that are kept. */
  readSince(sequence: number): Promise<readonly StoredGesture[]>
  /** Forgets those up to and with `sequence`. */
  trim(sequence: number): Promise<void>
}

/** A store that is gone with the page: for tests, and for where storage is denied. */
export class MemoryOperationStore implements OperationStore {
  private gestures: StoredGesture[] = []

  append(gestures: readonly StoredGesture[]): Promise<void> {
    for (const gesture of gestures) {
      const last = this.gestures.at(-1)?.sequence ?? 0
      if (gesture.sequence > last) this.gestures.push({ ...gesture })
    }
    return Promise.resolve()
  }

  readSince(sequence: number): Promise<readonly StoredGesture[]> {
    return Promise.resolve(this.gestures.filter((gesture) => gesture.sequence > sequence))
  }

  trim(sequence: number): Promise<void> {
    this.gestures = this.gestures.filter((gesture) => gesture.sequence > sequence)
    return Promise.resolve()
  }
}
