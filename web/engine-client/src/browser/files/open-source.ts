// openSource: makes the folder that a FolderSource describes. In workers only.
import { WeirError } from '../../errors.ts'
import type { Folder } from './folder.ts'
import type { FolderSource } from './folder-source.ts'
import { GivenFiles } from './given-files.ts'
import { HandleFolder } from './handle-folder.ts'
import { LayeredFolder } from './layered-folder.ts'
import { MemoryFolder } from './memory-folder.ts'
import { privateFolder } from './private-folder.ts'

export async function openSource(source: FolderSource): Promise<Folder> {
  switch (source.kind) {
    case 'memory':
      return new MemoryFolder(source.files)
    case 'files':
      return new GivenFiles(source.files)
    case 'picked':
      return new HandleFolder(source.handle, false)
    case 'private':
      return new HandleFolder(await privateFolder(source.path), true)
    case 'layers': {
      const layers = await Promise.all(source.layers.map(openSource))
      const top = layers[0]
      if (!top) throw new WeirError('settings.invalid', 'a folder of layers has at least one')
      return new LayeredFolder(top, layers)
    }
  }
}
