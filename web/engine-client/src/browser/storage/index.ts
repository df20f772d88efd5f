// @weir/engine-client/storage: flows, versions, runs and recordings that this site keeps in this browser.
export { BrowserStorage, type BrowserStorageOptions } from './browser-storage.ts'
export type { ChangeNotice } from './change-notices.ts'
export type { FlowPage, FlowQuery } from './flow-query.ts'
export type { FlowHead, FlowLabels, StoredFlow, StoredVersion, VersionHead } from './flow-records.ts'
export { FlowChangedError, FlowStore, type FlowChange, type NewFlow, type NewVersion } from './flow-store.ts'
