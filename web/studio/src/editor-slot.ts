// The slot of the editor: what draws a flow at /flows/FLOW/edit. While it is empty there is no such address and no link to it.
import type { ComponentType } from 'react'

/** Loads the editor; null while the studio has none. */
export const EDITOR: (() => Promise<{ Component: ComponentType }>) | null = () => import('./editor/flow-page.tsx')
