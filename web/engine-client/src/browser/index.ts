// @weir/engine-client/browser: runs flows in workers of a page.
export { filesSource, type FolderSource } from './files/folder-source.ts'
export type { CheckpointNews, InterruptedRun, Keeping, KeepOptions, Progress } from './kept/kept-run.ts'
export {
  BrowserEngine,
  type BrowserEngineOptions,
  type BrowserRunOptions,
  type ResumeOptions
} from './page/browser-engine.ts'
export { compileModule } from './page/compile-module.ts'
export { RunDirectory, type RunningRun } from './page/run-directory.ts'
export type { WorkerRun } from './page/worker-run.ts'
export { SecretStore } from './storage/secret-store.ts'
export { StateDatabase } from './storage/state-database.ts'
