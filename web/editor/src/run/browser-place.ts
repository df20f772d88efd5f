// BrowserPlace: runs in workers of this page, and watches those of other tabs.
import { asWeirError } from '@weir/engine-client'
import type { BrowserEngine, FolderSource } from '@weir/engine-client/browser'
import { EnginePlace } from './engine-place.ts'
import { ExecutionRun } from './execution-run.ts'
import { plainDocument } from './run-document.ts'
import type { RunPlace, ShownRun, StartOptions } from './shown-run.ts'

export interface BrowserPlaceOptions {
  /** Made when it is first needed; `log` is to be given to it, so that lines of nodes come to their runs. */
  makeEngine: (log: EnginePlace['hearLog']) => Promise<BrowserEngine>
  /** What the flow's mounts are at that time; `project` among them. */
  folders?: (documentText: string, options: StartOptions) => Promise<Record<string, FolderSource>>
  /** Finds a file that a run has written. */
  written?: RunPlace['written']
  /** Finds any file that runs of a flow read or write. */
  fileOf?: RunPlace['fileOf']
  flows?: (documentText: string) => Promise<Record<string, string>>
  /** What is kept with a live run, to show it again when it goes on after a reload. */
  note?: () => unknown
  now?: () => number
}

export class BrowserPlace extends EnginePlace {
  private made: Promise<BrowserEngine> | undefined
  readonly written: RunPlace['written']
  readonly fileOf: RunPlace['fileOf']

  constructor(private readonly browser: BrowserPlaceOptions) {
    super({
      id: 'browser',
      name: 'This browser',
      engine: () => this.browserEngine(),
      runOptions: (options, text) => this.more(options, text),
      ...(browser.flows !== undefined && { flows: browser.flows }),
      ...(browser.now !== undefined && { now: browser.now })
    })
    this.written = browser.written
    this.fileOf = browser.fileOf
  }

  /** The engine itself: runs that were interrupted, those of other tabs. */
  browserEngine(): Promise<BrowserEngine> {
    this.made ??= this.browser
      .makeEngine((level, node, message) => {
        this.hearLog(level, node, message)
      })
      .then((engine) => {
        this.away.setState({ reason: '' })
        return engine
      })
    this.made.catch((reason: unknown) => {
      this.made = undefined
      this.away.setState({ reason: `The engine does not start in this browser: ${asWeirError(reason).message}` })
    })
    return this.made
  }

  /** A run that goes on in any tab of this site. It goes on when it is no longer shown. Error `run.none`. */
  async show(id: string, documentText: string): Promise<ShownRun> {
    const engine = await this.browserEngine()
    const watched = await engine.watchRun(id)
    const document = plainDocument(documentText)
    const execution = {
      id: watched.id,
      result: watched.result,
      outlet: watched.outlet.bind(watched),
      rows: watched.rows.bind(watched),
      inlet: () => new WritableStream<unknown[]>(),
      watch: watched.watch.bind(watched),
      drain: () => undefined,
      cancel: () => {
        engine.stopRun(id)
      },
      // They are told to the tab that owns it.
      deadLetters: () => Promise.resolve([]),
      giveBack: () => undefined,
      dispose: () => {
        watched.leave()
      }
    }
    return new ExecutionRun(execution, {
      kind: 'live',
      label: 'Live in this browser',
      place: this.name,
      documentText,
      document,
      now: this.now
    })
  }

  /** Ends all of its workers. */
  dispose(): void {
    const { made } = this
    this.made = undefined
    void made?.then((engine) => {
      engine.close()
    })
  }

  private async more(options: StartOptions, documentText: string): Promise<Record<string, unknown>> {
    const { kind, preview = kind === 'sample', writes = [] } = options
    const given = await this.browser.folders?.(documentText, options)
    const folders = given !== undefined && preview && writes.length === 0 ? toReadOnly(given) : given
    const isKept = kind === 'live' && !preview
    const note = isKept ? this.browser.note?.() : undefined
    return {
      ...(folders !== undefined && { folders }),
      keep: isKept ? (note === undefined ? {} : { note }) : false
    }
  }
}

/** Whatever might write after all writes into memory, and it is gone with the run. */
function toReadOnly(folders: Record<string, FolderSource>): Record<string, FolderSource> {
  return Object.fromEntries(
    Object.entries(folders).map(([name, source]) => [name, { kind: 'layers', layers: [{ kind: 'memory' }, source] }])
  )
}
