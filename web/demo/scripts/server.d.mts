// Types of server.mjs.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

export const POLICY: string
export const HEADERS: Record<string, string>
export function serve(
  folder: string,
  options?: { port?: number; routes?: Record<string, (request: IncomingMessage, response: ServerResponse) => void> }
): Promise<{ url: string; server: Server }>
