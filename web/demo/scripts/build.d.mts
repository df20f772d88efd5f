// Types of build.mjs.
export function buildDemo(folder: string, options?: { mark?: string }): Promise<{ version: string; files: string[] }>
