export const TYPES: Readonly<Record<string, string>>
export const POLICY: string
export interface Served {
  url: string
  close(): void
}
export function serveStudio(options: {
  folder: string
  server: () => string
  port?: number
  base?: string
}): Promise<Served>
