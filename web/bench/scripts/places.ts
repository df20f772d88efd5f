// Where things are in the repository.
import { fileURLToPath } from 'node:url'

/** The path of a file named from the top of the repository. */
export function pathOf(relative: string): string {
  return fileURLToPath(new URL(`../../../${relative}`, import.meta.url))
}
