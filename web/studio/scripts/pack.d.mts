export function packOf(folder: string): Buffer
export function sumHeader(pack: Uint8Array): string
