// KeptWork: the worker's part in keeping a run: staged outputs, checkpoints with what the files were like.
import type { Execution } from '../../engine.ts'
import type { RunRequest } from '../../wasm/engine-module.ts'
import type { Folder } from '../files/folder.ts'
import { HandleFolder } from '../files/handle-folder.ts'
import type { MountedFiles } from '../files/mounted-files.ts'
import { privateFolder } from '../files/private-folder.ts'
import { SeenFiles } from '../files/seen-files.ts'
import { StagedFolder } from '../files/staged-folder.ts'
import { StateDatabase } from '../storage/state-database.ts'
import type { Stopped } from '../worker/run-port.ts'
import {
  FILES_KEY,
  keptFilesOf,
  RUNS_FOLDER,
  stateKeyOf,
  type CheckpointNews,
  type KeepOrder,
  type Progress
} from './kept-run.ts'
import { KeptState } from './kept-state.ts'

/** How long a checkpoint waits to learn how far the run is. */
const FIGURES_MS = 500

interface Figures {
  nodes?: { progressDone: number; progressTotal: number }[]
}

/** Bytes of all sources, from the run's next figures. */
async function progressOf(run: Execution): Promise<Progress> {
  const watcher = run.watch()
  const nothing: Progress = { doneBytes: 0, totalBytes: 0 }
  try {
    return await new Promise<Progress>((resolve) => {
      setTimeout(() => {
        resolve(nothing)
      }, FIGURES_MS)
      watcher.onMessage((message) => {
        if (message.type !== 'metrics') return
        const { nodes = [] } = message.data as Figures
        const sum = (what: (node: { progressDone: number; progressTotal: number }) => number): number =>
          nodes.reduce((all, node) => all + what(node), 0)
        resolve({ doneBytes: sum((node) => node.progressDone), totalBytes: sum((node) => node.progressTotal) })
      })
      void watcher.ask('subscribe', { kind: 'metrics' }).catch(() => {
        resolve(nothing)
      })
    })
  } finally {
    watcher.close()
  }
}

export class KeptWork {
  private readonly store = new StateDatabase()
  readonly state = new KeptState(this.store)
  private order: KeepOrder | undefined
  private before: Progress = { doneBytes: 0, totalBytes: 0 }
  /** Of the run under way. */
  stopped: Stopped = {}

  constructor(private readonly files: MountedFiles) {}

  /** Mounts what the run sees, and says what it is started with. Throws if a file is not what it was. */
  async prepare(mounts: Map<string, Folder>, order: KeepOrder | undefined): Promise<RunRequest> {
    this.order = order
    this.stopped = {}
    this.before = { doneBytes: 0, totalBytes: 0 }
    this.state.keep(undefined)
    if (!order) {
      this.files.remount(mounts)
      return {}
    }
    const stage = new HandleFolder(await privateFolder(`${RUNS_FOLDER}/${order.key}`), true)
    for (const [name, folder] of mounts) mounts.set(name, new StagedFolder(name, folder, stage))
    const key = stateKeyOf(order.key)
    const kept = order.resumes ? keptFilesOf(await this.store.get(key, FILES_KEY)) : undefined
    this.files.remount(mounts, new SeenFiles(kept?.files))
    if (kept) this.before = kept.progress
    await this.files.lookAgain()
    return { checkpoints: { key, everyMs: order.everyMs }, resume: order.resumes }
  }

  /** Tells of each checkpoint of the run that was prepared. */
  follow(run: Execution, tell: (news: CheckpointNews) => void): void {
    const { order, stopped, before } = this
    if (!order) return
    this.state.keep({
      key: stateKeyOf(order.key),
      seen: this.files.seen,
      progress: async () => {
        const { doneBytes, totalBytes } = await progressOf(run)
        // A source that goes on does not say again how much there is.
        return { doneBytes: Math.max(doneBytes, before.doneBytes), totalBytes: totalBytes || before.totalBytes }
      },
      tell: (news) => {
        tell(news)
        if (news.error?.code !== 'state.limit' || order.ifFull === 'continue') return
        stopped.error = { ...news.error, recoverable: true }
        run.cancel()
      }
    })
  }
}
