// PieceQueue: messages that have come and that the run has not taken yet; bounded.
import type { WeirError } from '../../errors.ts'
import type { StreamPiece } from '../../hosts/host-calls.ts'

const MOST_BYTES = 4 << 20

export class PieceQueue {
  private waiting: StreamPiece[] = []
  private bytes = 0
  private error: WeirError | undefined
  private ended = false
  private waits: (() => void)[] = []

  get isFull(): boolean {
    return this.bytes > MOST_BYTES
  }

  add(piece: StreamPiece): void {
    this.waiting.push(piece)
    this.bytes += piece.bytes.length
    this.wake()
  }

  /** What is there is still given. */
  fail(error: WeirError): void {
    this.error ??= error
    this.wake()
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  /** Resolves when there is room, or it has ended; true if it had to wait. */
  async room(): Promise<boolean> {
    let hasWaited = false
    for (; this.isFull && !this.ended; hasWaited = true) await this.wait()
    return hasWaited
  }

  /** All that has come, at least one piece; none: it has ended. */
  async take(): Promise<StreamPiece[]> {
    while (this.waiting.length === 0 && !this.ended && !this.error) await this.wait()
    const pieces = this.waiting
    if (pieces.length === 0 && this.error) throw this.error
    this.waiting = []
    this.bytes = 0
    this.wake()
    return pieces
  }

  private wait(): Promise<void> {
    return new Promise((resolve) => this.waits.push(resolve))
  }

  private wake(): void {
    const waits = this.waits
    this.waits = []
    for (const wait of waits) wait()
  }
}
