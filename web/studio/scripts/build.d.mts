export interface Sizes {
  first: number
  editor: number
  all: number
  styles: number
}
export function sizesOf(folder: string): Sizes
export function buildStudio(outDir?: string, logLevel?: 'error' | 'warn' | 'info' | 'silent'): Promise<void>
export function addEngine(folder: string, wasm: Uint8Array, zones: Uint8Array): void
