// Where flows run and what is seen of a run.
export { AutoSample } from './auto-sample.ts'
export { BrowserPlace, type BrowserPlaceOptions } from './browser-place.ts'
export { EnginePlace, problemsOf, type EnginePlaceOptions } from './engine-place.ts'
export { ExecutionRun } from './execution-run.ts'
export * from './figure-store.ts'
export { SampleRuns, type SampleState } from './sample-runs.ts'
export { ServerPlace, type ServerPlaceOptions } from './server-place.ts'
export type * from './shown-run.ts'
