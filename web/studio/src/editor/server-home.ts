// ServerHome: flows on the server that the page talks to, as the editor uses them.
import type { Json } from '@weir/flow-model'
import { findPointer, formatFlow, isObject, parseJson, textMember, toNumber } from '@weir/flow-model'
import { FlowGone, FlowMovedOn, FlowTaken, HomeAway } from '@weir/editor'
import type { FlowHome, HomeLog, HomeRights, KeptFlow, KeptHead, KeptVersion, LoggedStep } from '@weir/editor'
import { Refused } from '@weir/ui/refused.ts'
import type { Client } from '../api/client.ts'
import type { FlowHead, Schemas } from '../api/routes.ts'
import type { Signed } from '../api/session.ts'

const kMostVersions = 200
/** What one operation of the log may hold, with room for its quoting. */
const kMostStepText = 200_000

function headOf(head: FlowHead): KeptHead {
  const { id, name, folder, revision, changedAt, latestVersion, publishedVersion } = head
  return { id, name, folder, revision: String(revision), changedAt, latestVersion, publishedVersion }
}

/** The ETag of a revision. */
function tagOf(revision: string): string {
  return `"${revision}"`
}

/** What a refusal means for a flow. */
function meant(error: unknown): never {
  if (!(error instanceof Refused)) throw error
  if (error.passes) throw new HomeAway(error.message, { cause: error })
  if (error.status === 404) throw new FlowGone(error.message, { cause: error })
  if (error.status === 412) throw new FlowMovedOn(error.message, { cause: error })
  throw error
}

/** The document of an answer, as the canonical text. */
function documentOf(answer: string): string {
  const read = parseJson(answer)
  const document = read.ok ? findPointer(read.value, '/document') : undefined
  if (document === undefined) throw new Error('the server gave no document')
  return formatFlow(document)
}

/** The log of the server: one operation for each saving. */
class ServerLog implements HomeLog {
  private last: number | undefined

  constructor(private readonly client: Client) {}

  async read(flow: string): Promise<readonly LoggedStep[]> {
    const answer = await this.client.ask('get', '/api/v1/flows/{flow}/operations', {
      path: { flow },
      query: { limit: 1000 }
    })
    this.last = answer.last
    return answer.operations.flatMap(({ base, operation }) => {
      const { after, gestures } = operation
      if (typeof after !== 'string' || !Array.isArray(gestures)) return []
      const lines = gestures.filter((line): line is string => typeof line === 'string')
      return lines.length === gestures.length ? [{ before: base, after, gestures: lines }] : []
    })
  }

  async append(flow: string, { before, after, gestures }: LoggedStep): Promise<void> {
    if (gestures.reduce((sum, line) => sum + line.length, 0) > kMostStepText) return
    if (this.last === undefined) await this.read(flow)
    const body = { after: this.last ?? 0, operations: [{ base: before, operation: { after, gestures } }] }
    try {
      const { last } = await this.client.ask('post', '/api/v1/flows/{flow}/operations', { path: { flow }, body })
      this.last = last
    } catch (error) {
      // Others have appended: this step goes behind theirs.
      if (!(error instanceof Refused) || error.status !== 409) throw error
      await this.read(flow)
      const again = { ...body, after: this.last ?? 0 }
      this.last = (
        await this.client.ask('post', '/api/v1/flows/{flow}/operations', { path: { flow }, body: again })
      ).last
    }
  }
}

export class ServerHome implements FlowHome {
  readonly kind = 'server'
  readonly key: string
  readonly log: HomeLog

  constructor(
    private readonly client: Client,
    private readonly signed: Signed,
    readonly name: string
  ) {
    this.key = `${name}/${signed.me.user.id}`
    this.log = new ServerLog(client)
  }

  rights(folder: string): HomeRights {
    const may = (permission: string): boolean => this.signed.mayIn(permission, folder)
    return { edit: may('flow.edit'), publish: may('flow.publish'), run: may('run.start') }
  }

  async list(): Promise<readonly KeptHead[]> {
    const { flows } = await this.client.ask('get', '/api/v1/flows', { query: { limit: 500 } }).catch(meant)
    return flows.map(headOf)
  }

  async read(flow: string): Promise<KeptFlow> {
    const { value } = await this.client.written('get', '/api/v1/flows/{flow}', { path: { flow } }).catch(meant)
    const read = parseJson(value)
    const root = read.ok && isObject(read.value) ? read.value : new Map<string, Json>()
    if (root.get('binnedAt') !== undefined) throw new FlowGone(`flow '${flow}' is in the bin`)
    const number = (name: string): number => toNumber(root.get(name)) ?? 0
    return {
      id: textMember(root, 'id'),
      name: textMember(root, 'name'),
      folder: textMember(root, 'folder'),
      revision: String(number('revision')),
      changedAt: number('changedAt'),
      latestVersion: number('latestVersion'),
      publishedVersion: number('publishedVersion'),
      text: documentOf(value)
    }
  }

  async write(flow: string, text: string, revision: string): Promise<KeptHead> {
    const options = { path: { flow }, text, ifMatch: tagOf(revision) }
    return headOf(await this.client.ask('put', '/api/v1/flows/{flow}', options).catch(meant))
  }

  async create(text: string, folder: string): Promise<KeptHead> {
    const query = folder === '' ? {} : { query: { folder } }
    try {
      return headOf(await this.client.ask('post', '/api/v1/flows', { text, ...query }))
    } catch (error) {
      if (error instanceof Refused && error.status === 409) throw new FlowTaken(error.message, { cause: error })
      return meant(error)
    }
  }

  async versions(flow: string): Promise<readonly KeptVersion[]> {
    const path = { flow }
    const query = { limit: kMostVersions }
    return (await this.client.ask('get', '/api/v1/flows/{flow}/versions', { path, query }).catch(meant)).versions
  }

  async version(flow: string, number: number): Promise<string> {
    const path = { flow, number }
    const { value } = await this.client.written('get', '/api/v1/flows/{flow}/versions/{number}', { path }).catch(meant)
    return documentOf(value)
  }

  keepVersion(flow: string, options: Schemas['NewVersion']): Promise<KeptVersion> {
    const { label = '', message = '', publish = false } = options
    const body = { message, publish, ...(label === '' ? {} : { label }) }
    return this.client.ask('post', '/api/v1/flows/{flow}/versions', { path: { flow }, body }).catch(meant)
  }

  async bin(flow: string, revision: string): Promise<void> {
    await this.client.ask('delete', '/api/v1/flows/{flow}', { path: { flow }, ifMatch: tagOf(revision) }).catch(meant)
  }
}
