export interface Sizes {
  first: number
  all: number
  styles: number
}
export function sizesOf(folder: string): Sizes
export function buildStudio(outDir?: string, logLevel?: 'error' | 'warn' | 'info' | 'silent'): Promise<void>
