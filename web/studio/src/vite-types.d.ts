// Types of what Vite takes as modules: styles.
/// <reference types="vite/client" />

declare module 'virtual:guide' {
  /** Made by the build from docs; each is loaded when it is read. */
  export const PAGES: readonly {
    id: string
    title: string
    load: () => Promise<{ default: import('./pages/guide/blocks.ts').GuidePage }>
  }[]
}
