// SeenFiles: what the files of a run were like when it first saw them: one that is changed meanwhile is not read on.
import { WeirError } from '../../errors.ts'
import type { RunFiles } from '../../engine.ts'
import type { Entry } from './folder.ts'

export interface SeenFile {
  /** `mount:path`. */
  path: string
  sizeBytes: number
  modifiedMicros: number
  /** Opened to be read; else it was only listed. */
  isRead: boolean
}

function timeText(micros: number): string {
  return new Date(micros / 1000).toISOString().replace('T', ' ').slice(0, 19)
}

export class SeenFiles {
  private readonly files = new Map<string, SeenFile>()
  /** What the run writes is its own to change. */
  private readonly written = new Set<string>()

  /** What a run that goes on has seen before. */
  constructor(before: readonly SeenFile[] = []) {
    for (const file of before) this.files.set(file.path, { ...file })
  }

  list(): SeenFile[] {
    return [...this.files.values()]
  }

  /** What the run has read, and what it has written under its own name; once it is over. */
  summary(): RunFiles {
    const read = this.list().filter(({ isRead }) => isRead)
    return {
      read: read.map(({ path, sizeBytes, modifiedMicros }) => ({ path, bytes: sizeBytes, modifiedMicros })),
      written: [...this.written].filter((path) => !path.endsWith('.weir-part')).sort()
    }
  }

  /** It was listed or looked at. */
  note(path: string, entry: Entry): void {
    const { sizeBytes, modifiedMicros } = entry
    if (!entry.folder && !this.files.has(path) && !this.written.has(path)) {
      this.files.set(path, { path, sizeBytes, modifiedMicros, isRead: false })
    }
  }

  /** It is opened to be read. Throws `files.changed` if it is not what it was. */
  read(path: string, entry: Entry): void {
    this.note(path, entry)
    const seen = this.files.get(path)
    if (!seen) return
    seen.isRead = true
    if (seen.sizeBytes === entry.sizeBytes && seen.modifiedMicros === entry.modifiedMicros) return
    const was = `${seen.sizeBytes} bytes of ${timeText(seen.modifiedMicros)}`
    const is = `${entry.sizeBytes} bytes of ${timeText(entry.modifiedMicros)}`
    throw new WeirError(
      'files.changed',
      `'${path.replace(/^project:/, '')}' was changed after the run began: it had ${was} UTC, and has ${is}; start the run anew`
    )
  }

  /** The run itself writes it: the file, or the part file beside it that will take its name. */
  write(path: string): void {
    for (const one of [path, path.replace(/(^|[/:])\.([^/]+)\.weir-part$/, '$1$2')]) {
      this.written.add(one)
      this.files.delete(one)
    }
  }
}
