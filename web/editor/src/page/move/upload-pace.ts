// UploadPace: how fast files have gone so far, and so how long others will take.

/** What a file costs beside its bytes, in bytes: small ones take time, too. */
const kEachFile = 64 * 1024
/** As many files have to have gone before anything is said. */
const kFirst = 4

/** One for all folders that go the same way. */
export class UploadPace {
  private weight = 0
  private files = 0
  private passedMs = 0
  private since: number | undefined

  /** `now`: milliseconds of any clock that only goes forward. */
  constructor(private readonly now: () => number) {}

  /** Files begin to go; not more than once before `end`. */
  begin(): void {
    this.since = this.now()
  }

  end(): void {
    this.passedMs = this.passed()
    this.since = undefined
  }

  add(bytes: number): void {
    this.weight += bytes + kEachFile
    ++this.files
  }

  /** Milliseconds for so many files with so many bytes together; undefined: not known yet. */
  guess(files: number, bytes: number): number | undefined {
    const passed = this.passed()
    if (this.files < kFirst || passed <= 0) return undefined
    return ((bytes + files * kEachFile) / this.weight) * passed
  }

  private passed(): number {
    return this.passedMs + (this.since === undefined ? 0 : this.now() - this.since)
  }
}
