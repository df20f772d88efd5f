// @weir/engine-client/browser: runs flows in workers of a page.
export { droppedFiles, type Dropped, type DropLimits } from './files/dropped-files.ts'
export { filesSource, withOwnPaths, type FolderSource, type NamedFile } from './files/folder-source.ts'
export type { CheckpointNews, InterruptedRun, Keeping, KeepOptions, Progress } from './kept/kept-run.ts'
export {
  BrowserEngine,
  type BrowserEngineOptions,
  type BrowserRunOptions,
  type ResumeOptions
} from './page/browser-engine.ts'
export { compileModule } from './page/compile-module.ts'
export { RunDirectory, type RunningRun } from './tabs/run-directory.ts'
export { RunExchange } from './tabs/run-exchange.ts'
export { RunRoutes } from './tabs/run-routes.ts'
export type { WatchedRun } from './tabs/watched-run.ts'
export type { WorkerRun } from './page/worker-run.ts'
export { SecretStore } from './storage/secret-store.ts'
export { StateDatabase } from './storage/state-database.ts'
