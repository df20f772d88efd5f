// Gives a test run a folder for the studio that its journeys share, and takes it away.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'weir-built-studio-'))
  process.env.WEIR_BUILT_STUDIO = folder
  return () => {
    rmSync(folder, { recursive: true, force: true })
  }
}
