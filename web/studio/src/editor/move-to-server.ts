// What of the server a flow of this browser needs: folders that the person may draw in, with their mounts and secrets.
import type { Move } from '@weir/editor'
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
