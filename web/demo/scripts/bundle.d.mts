// Types of bundle.mjs.
export function bundle(
  entries: Record<string, string>,
  folder: string,
  options?: { minify?: boolean; define?: Record<string, string> }
): Promise<void>
