// Types of build.mjs.
export function buildDemo(
  folder: string,
  options?: { mark?: string; isEndless?: boolean }
): Promise<{ version: string; files: string[] }>
