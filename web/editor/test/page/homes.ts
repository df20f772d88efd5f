// Homes and holds for tests: a flow store in memory that can be away, refuse and be changed by others.
import { FlowGone, FlowMovedOn, FlowTaken, HomeAway } from '../../src/page/home/flow-home.ts'
import type {
  FlowHome,
  HomeLog,
  HomeRights,
  KeptFlow,
  KeptHead,
  KeptVersion,
  LoggedStep
} from '../../src/page/home/flow-home.ts'
import type { HoldFlow } from '../../src/page/drafts/tab-hold.ts'

export function documentOf(settings = '{"rows": 3}', more = ''): string {
  return `{
  "id": "orders",
  "version": "1.0.0",
  "nodes": [
    {"id": "make", "typeId": "generate/pattern", "version": "1.0.0", "settings": ${settings}}
  ],
  "edges": []${more}
}
`
}

export class MemoryLog implements HomeLog {
  readonly steps: LoggedStep[] = []
  read(): Promise<readonly LoggedStep[]> {
    return Promise.resolve(this.steps)
  }
  append(_flow: string, step: LoggedStep): Promise<void> {
    this.steps.push(step)
    return Promise.resolve()
  }
}

export class MemoryHome implements FlowHome {
  readonly kind = 'server'
  readonly name = 'flows.example'
  readonly key = 'flows.example/ada'
  readonly log = new MemoryLog()
  readonly kept = new Map<string, KeptFlow>()
  readonly kinds = new Map<string, (KeptVersion & { text: string })[]>()
  away = false
  may: HomeRights = { edit: true, publish: true, run: true }
  writes = 0
  private count = 0

  put(text: string, id = 'orders'): void {
    const head = { id, name: id, folder: '', changedAt: 0, latestVersion: 0, publishedVersion: 0 }
    this.kept.set(id, { ...(this.kept.get(id) ?? head), text, revision: String(++this.count) })
  }
  rights(): HomeRights {
    return this.may
  }
  async list(): Promise<readonly KeptHead[]> {
    await this.asked()
    return [...this.kept.values()]
  }
  async read(flow: string): Promise<KeptFlow> {
    await this.asked()
    const found = this.kept.get(flow)
    if (found === undefined) throw new FlowGone(`there is no flow '${flow}'`)
    return found
  }
  async write(flow: string, text: string, revision: string): Promise<KeptHead> {
    const found = await this.read(flow)
    if (found.revision !== revision) throw new FlowMovedOn(flow)
    ++this.writes
    this.put(text, flow)
    return this.read(flow)
  }
  async create(text: string): Promise<KeptHead> {
    await this.asked()
    const { id } = JSON.parse(text) as { id: string }
    if (this.kept.has(id)) throw new FlowTaken(id)
    this.put(text, id)
    return this.read(id)
  }
  async versions(flow: string): Promise<readonly KeptVersion[]> {
    await this.asked()
    return [...(this.kinds.get(flow) ?? [])].reverse()
  }
  version(flow: string, number: number): Promise<string> {
    return Promise.resolve(this.kinds.get(flow)?.[number - 1]?.text ?? '')
  }
  async keepVersion(flow: string, options: { label: string; message: string; publish: boolean }): Promise<KeptVersion> {
    const { text } = await this.read(flow)
    const all = this.kinds.get(flow) ?? []
    const { label, message, publish } = options
    const made = { number: all.length + 1, label, message, published: publish, createdAt: 0, text }
    this.kinds.set(flow, [...all, made])
    return made
  }
  bin(flow: string): Promise<void> {
    this.kept.delete(flow)
    return Promise.resolve()
  }
  private asked(): Promise<void> {
    return this.away ? Promise.reject(new HomeAway('the server does not answer')) : Promise.resolve()
  }
}

/** A tab that is alone, or one that another holds the flow before. */
export function holdOf(holds: boolean): HoldFlow {
  return () =>
    Promise.resolve({
      holds,
      takeOver: () => Promise.resolve(),
      bind: () => undefined,
      tell: () => undefined,
      onTold: () => undefined,
      close: () => Promise.resolve()
    })
}
