// Tools around the canvas: the palette of nodes.
export { findTypes } from './find-types.ts'
export type { FoundType } from './find-types.ts'
export { Palette } from './palette.tsx'
