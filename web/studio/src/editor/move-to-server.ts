// What of the server a flow of this browser needs: folders that the person may draw in, with their mounts and secrets.
import { UploadStopped } from '@weir/editor'
import type { Move, PutFile } from '@weir/editor'
import { adviceOf, Refused, wordsOf } from '@weir/ui/refused.ts'
import type { Client } from '../api/client.ts'
import type { Signed } from '../api/session.ts'
import { wholeList } from '../api/whole-list.ts'
import { ServerHome } from './server-home.ts'

/** Whether what is said of a folder holds for another: of the root it holds for the root alone. */
export function reaches(said: string, folder: string): boolean {
  return said === folder || (said !== '' && folder.startsWith(`${said}/`))
}

/** Folders that the person may put flows into: those of grants, and those that flows lie in. */
export function foldersFor(signed: Signed, known: readonly string[]): string[] {
  const granted = signed.me.grants.filter((grant) => grant.flow === undefined).map((grant) => grant.folder)
  const above = known.flatMap((folder) => {
    const parts = folder.split('/')
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
  })
  return [...new Set(['', ...granted, ...above])].filter((folder) => signed.mayIn('flow.edit', folder)).sort()
}

/** What holds for one file alone: it is too large, or its name is refused. */
const OF_ONE_FILE: readonly number[] = [400, 413, 414, 422]

/** Puts files among the own ones of a folder of the server, to which what runs there says `project`. */
export function putFiles(client: Pick<Client, 'ask'>, folder: string): PutFile {
  return async (path, file, { replace, signal }) => {
    try {
      await client.ask('put', '/api/v1/mounts/{name}/files/{path}', {
        path: { name: 'project', path },
        query: { folder },
        bytes: file,
        signal,
        ...(replace ? {} : { ifNoneMatch: '*' })
      })
      return 'put'
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.status === 412 && !replace) return 'there'
      if (OF_ONE_FILE.includes(error.status)) throw error
      throw new UploadStopped(`${wordsOf(error)} ${adviceOf(error)}`.trim(), error.status === 0)
    }
  }
}

/** Why somebody may not put files into a folder, and whom to ask; empty if they may. */
export function uploadRefusal(signed: Pick<Signed, 'mayIn'>, folder: string): string {
  if (signed.mayIn('flow.edit', folder) && signed.mayIn('mount.use', folder)) return ''
  const where = folder === '' ? 'the root' : folder
  return `Files go to ${where} with the rights flow.edit and mount.use: ask somebody who administers ${folder === '' ? 'the server' : 'this folder'} for them.`
}

/** The way to the server; none for who may change no flow of it. */
export function moveToServer(client: Client, signed: Signed, name: string, arrived: (flow: string) => void): Move {
  const flows = () => wholeList((query) => client.ask('get', '/api/v1/flows', { query }))
  const mountsOf = async (folder: string) => {
    if (!signed.mayIn('mount.use', folder)) return []
    const { mounts } = await wholeList((query) => client.ask('get', '/api/v1/mounts', { query }))
    return mounts.filter((mount) => reaches(mount.folder, folder)).map((mount) => mount.name)
  }
  const secretsOf = async (folder: string) => {
    if (!signed.mayIn('secret.use', folder)) return []
    const { secrets } = await wholeList((query) => client.ask('get', '/api/v1/secrets', { query }))
    return secrets.filter((secret) => reaches(secret.folder, folder)).map((secret) => secret.name)
  }
  return {
    words: 'Move to server',
    to: new ServerHome(client, signed, name),
    arrived,
    folders: async () =>
      foldersFor(
        signed,
        (await flows()).flows.map((flow) => flow.folder)
      ),
    upload: { refusal: (folder) => uploadRefusal(signed, folder), to: (folder) => putFiles(client, folder) },
    ask: async (folder) => {
      const [types, all, mounts, secrets] = await Promise.all([
        client.ask('get', '/api/v1/nodes'),
        flows(),
        mountsOf(folder),
        secretsOf(folder)
      ])
      return {
        nodes: new Set(types.nodes.map((type) => type.id)),
        versions: new Set(types.nodes.map((type) => `${type.id}@${type.version}`)),
        mounts: new Set(mounts),
        secrets: new Set(secrets),
        flows: new Set(all.flows.map((flow) => flow.id)),
        schedules: true
      }
    }
  }
}
