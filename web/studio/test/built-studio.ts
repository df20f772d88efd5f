// The studio for journeys: built once for all files of a test run, copied for each.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildStudio } from '../scripts/build.mjs'

/** Puts a built studio into `folder`. The first who asks builds it; others of the same run wait for that. */
export async function studioInto(folder: string): Promise<void> {
  const kept = process.env.WEIR_BUILT_STUDIO ?? ''
  if (kept === '') {
    await buildStudio(folder, 'error')
    return
  }
  const [site, done, failed] = [join(kept, 'site'), join(kept, 'done'), join(kept, 'failed')]
  if (isFirst(join(kept, 'building'))) {
    try {
      await buildStudio(site, 'error')
      writeFileSync(done, '')
    } catch (reason) {
      writeFileSync(failed, String(reason))
      throw reason
    }
  }
  while (!existsSync(done)) {
    if (existsSync(failed)) throw new Error('the studio could not be built')
    await sleep(100)
  }
  cpSync(site, folder, { recursive: true })
}

function isFirst(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}
