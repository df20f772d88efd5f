// HostCalls: gives each call of the engine to who does it; numbers as in hosts/browser/calls.h.
import { WeirError } from '../errors.ts'
import type { CallAnswer } from '../wasm/engine-module.ts'
import { WireWriter, type WireReader } from '../wasm/wire.ts'
import { flowCall, FlowCallKind, type FlowHost } from './flow-calls.ts'

export const CallKind = {
  fileOpen: 1,
  fileClose: 2,
  fileStat: 3,
  filePathStat: 4,
  fileRead: 5,
  fileWrite: 6,
  fileCut: 7,
  fileSync: 8,
  filePublish: 9,
  fileRemove: 10,
  fileMakeFolders: 11,
  fileList: 12,
  fileTemporary: 13,
  httpSend: 20,
  streamOpen: 30,
  streamRead: 31,
  streamWrite: 32,
  streamClose: 33,
  stateCommit: 40,
  stateGet: 41,
  stateList: 42,
  zoneRead: 50
} as const

export interface FileInfo {
  path: string
  folder: boolean
  sizeBytes: number
  modifiedMicros: number
  /** Two paths with the same number, not 0, are the same file. */
  identity: number
}

export type FileMode = 'read' | 'create' | 'append'
const FILE_MODES: FileMode[] = ['read', 'create', 'append']

type Now<T> = T | Promise<T>

/** Files of a place; paths are `mount:relative`, or relative to the mount `project`. Failures are WeirError `files.*`. */
export interface FileHost {
  open(path: string, mode: FileMode): Now<number>
  close(file: number): void
  stat(file: number): Now<FileInfo>
  statPath(path: string): Now<FileInfo>
  /** Reads into `into` until it is full or the file ends; gives the number of bytes. */
  read(file: number, offset: number, into: () => Uint8Array): Now<number>
  write(file: number, offset: number, bytes: () => Uint8Array): Now<number>
  cut(file: number, bytes: number): Now<void>
  sync(file: number): Now<void>
  publish(from: string, to: string): Now<void>
  remove(path: string): Now<void>
  makeFolders(path: string): Now<void>
  /** In byte order of their names. */
  list(folder: string): Now<FileInfo[]>
  /** Removed when it is closed. Its reads and writes are synchronous. */
  temporary(): Now<number>
}

export interface HttpRequest {
  method: string
  url: string
  headers: [string, string][]
  body: Uint8Array<ArrayBuffer>
  user: string
  password: string
  timeoutMs: number
  maxResponseBytes: number
  maxRedirects: number
}

export interface HttpResponse {
  status: number
  headers: [string, string][]
  body: Uint8Array
  url: string
}

export interface HttpHost {
  send(request: HttpRequest): Promise<HttpResponse>
}

export interface StreamTarget {
  url: string
  headers: [string, string][]
  user: string
  password: string
  connectTimeoutMs: number
  idleTimeoutMs: number
  maxMessageBytes: number
}

export interface StreamPiece {
  text: boolean
  bytes: Uint8Array
}

export interface StreamHost {
  open(target: StreamTarget): Promise<{ stream: number; remote: string }>
  /** At least one piece; none: the other side has ended. */
  read(stream: number): Promise<StreamPiece[]>
  write(stream: number, pieces: StreamPiece[]): Promise<void>
  close(stream: number): void
}

export interface StateChange {
  key: Uint8Array<ArrayBuffer>
  value: Uint8Array<ArrayBuffer> | null
  expiresAtMicros: number
}

export interface StateHost {
  commit(flow: string, epoch: number, changes: StateChange[]): Promise<void>
  get(flow: string, key: Uint8Array): Promise<Uint8Array | undefined>
  list(flow: string, prefix: Uint8Array, after: Uint8Array, most: number): Promise<[Uint8Array, Uint8Array][]>
}

export interface ZoneHost {
  /** TZif bytes, at once. Failures are WeirError `zone.unknown`. */
  read(name: string): Uint8Array
}

export interface Hosts {
  files?: FileHost
  http?: HttpHost
  streams?: StreamHost
  state?: StateHost
  zones?: ZoneHost
  /** For the API: where flows are kept. */
  flows?: FlowHost
}

function missing(name: string): never {
  throw new WeirError('host.missing', `this place has no ${name}`)
}

function then<T>(value: Now<T>, use: (value: T) => CallAnswer): CallAnswer {
  return value instanceof Promise ? value.then((got) => use(got) as WireWriter | undefined) : use(value)
}

function headersOf(args: WireReader): [string, string][] {
  return Array.from({ length: args.word() }, (): [string, string] => [args.text(), args.text()])
}

function writeInfo(wire: WireWriter, info: FileInfo): WireWriter {
  wire.text(info.path).flag(info.folder).number(info.sizeBytes).number(info.modifiedMicros).number(info.identity)
  return wire
}

export class HostCalls {
  constructor(private readonly hosts: Hosts) {}

  call(kind: number, args: WireReader, memory: WebAssembly.Memory): CallAnswer {
    if (kind <= CallKind.fileTemporary) return this.file(this.hosts.files ?? missing('files'), kind, args, memory)
    if (kind === CallKind.httpSend) return this.http(this.hosts.http ?? missing('HTTP'), args)
    if (kind <= CallKind.streamClose) return this.stream(this.hosts.streams ?? missing('connections'), kind, args)
    if (kind <= CallKind.stateList) return this.state(this.hosts.state ?? missing('state'), kind, args)
    if (kind === CallKind.zoneRead) return new WireWriter().blob(this.zones().read(args.text()))
    if (kind >= FlowCallKind.flowCreate && kind <= FlowCallKind.versionRead) {
      return flowCall(this.hosts.flows ?? missing('flows'), kind, args)
    }
    throw new WeirError('host.missing', `this place has no call ${kind}`)
  }

  private zones(): ZoneHost {
    if (this.hosts.zones) return this.hosts.zones
    throw new WeirError('zone.unknown', 'this place was given no time zones: it knows UTC and offsets such as +02:00')
  }

  private file(files: FileHost, kind: number, args: WireReader, memory: WebAssembly.Memory): CallAnswer {
    const nothing = (): undefined => undefined
    switch (kind) {
      case CallKind.fileOpen:
        return then(files.open(args.text(), FILE_MODES[args.word()] ?? 'read'), (file) => new WireWriter().word(file))
      case CallKind.fileClose:
        files.close(args.word())
        return undefined
      case CallKind.fileStat:
        return then(files.stat(args.word()), (info) => writeInfo(new WireWriter(), info))
      case CallKind.filePathStat:
        return then(files.statPath(args.text()), (info) => writeInfo(new WireWriter(), info))
      case CallKind.fileRead:
        return this.transfer(files.read.bind(files), args, memory)
      case CallKind.fileWrite:
        return this.transfer(files.write.bind(files), args, memory)
      case CallKind.fileCut:
        return then(files.cut(args.word(), args.number()), nothing)
      case CallKind.fileSync:
        return then(files.sync(args.word()), nothing)
      case CallKind.filePublish:
        return then(files.publish(args.text(), args.text()), nothing)
      case CallKind.fileRemove:
        return then(files.remove(args.text()), nothing)
      case CallKind.fileMakeFolders:
        return then(files.makeFolders(args.text()), nothing)
      case CallKind.fileList:
        return then(files.list(args.text()), (entries) => {
          const wire = new WireWriter()
          for (const entry of entries) writeInfo(wire, entry)
          return wire
        })
      default:
        return then(files.temporary(), (file) => new WireWriter().word(file))
    }
  }

  /** The bytes are asked for when they are touched: the module's memory may have grown meanwhile. */
  private transfer(
    move: (file: number, offset: number, bytes: () => Uint8Array) => Now<number>,
    args: WireReader,
    memory: WebAssembly.Memory
  ): CallAnswer {
    const [file, offset, at, bytes] = [args.word(), args.number(), args.word(), args.number()]
    return then(
      move(file, offset, () => new Uint8Array(memory.buffer, at, bytes)),
      (moved) => new WireWriter().number(moved)
    )
  }

  private http(http: HttpHost, args: WireReader): CallAnswer {
    const request: HttpRequest = {
      method: args.text(),
      url: args.text(),
      headers: headersOf(args),
      body: args.blob(),
      user: args.text(),
      password: args.text(),
      timeoutMs: args.number(),
      maxResponseBytes: args.number(),
      maxRedirects: args.number()
    }
    return http.send(request).then((response) => {
      const wire = new WireWriter().word(response.status).word(response.headers.length)
      for (const [name, value] of response.headers) wire.text(name).text(value)
      return wire.blob(response.body).text(response.url)
    })
  }

  private stream(streams: StreamHost, kind: number, args: WireReader): CallAnswer {
    switch (kind) {
      case CallKind.streamOpen: {
        const target: StreamTarget = {
          url: args.text(),
          headers: headersOf(args),
          user: args.text(),
          password: args.text(),
          connectTimeoutMs: args.number(),
          idleTimeoutMs: args.number(),
          maxMessageBytes: args.number()
        }
        return streams.open(target).then((opened) => new WireWriter().word(opened.stream).text(opened.remote))
      }
      case CallKind.streamRead:
        return streams.read(args.word()).then((pieces) => {
          const wire = new WireWriter()
          for (const piece of pieces) wire.flag(piece.text).blob(piece.bytes)
          return wire
        })
      case CallKind.streamWrite: {
        const stream = args.word()
        const pieces: StreamPiece[] = []
        while (args.more()) pieces.push({ text: args.flag(), bytes: args.blob() })
        return streams.write(stream, pieces).then(() => undefined)
      }
      default:
        streams.close(args.word())
        return undefined
    }
  }

  private state(state: StateHost, kind: number, args: WireReader): CallAnswer {
    const flow = args.text()
    switch (kind) {
      case CallKind.stateCommit: {
        const epoch = args.number()
        const changes: StateChange[] = []
        while (args.more()) {
          const key = args.blob()
          const kept = args.flag()
          const value = args.blob()
          changes.push({ key, value: kept ? value : null, expiresAtMicros: args.number() })
        }
        return state.commit(flow, epoch, changes).then(() => undefined)
      }
      case CallKind.stateGet:
        return state.get(flow, args.blob()).then((value) => {
          const wire = new WireWriter().flag(value !== undefined)
          return value === undefined ? wire : wire.blob(value)
        })
      default:
        return state.list(flow, args.blob(), args.blob(), args.number()).then((entries) => {
          const wire = new WireWriter()
          for (const [key, value] of entries) wire.blob(key).blob(value)
          return wire
        })
    }
  }
}
