// FlowHome: where flows are kept, this browser or a server, as the page of the editor uses it.

/** A flow as its home has it. */
export interface KeptHead {
  id: string
  name: string
  folder: string
  /** Another one after each change; a change is for the revision that was read. */
  revision: string
  /** Epoch milliseconds. */
  changedAt: number
  /** 0: none. */
  latestVersion: number
  publishedVersion: number
}

export interface KeptFlow extends KeptHead {
  /** The document as it is kept, to the last digit. */
  text: string
}

export interface KeptVersion {
  number: number
  label: string
  message: string
  published: boolean
  /** Epoch milliseconds. */
  createdAt: number
}

/** What was done between two states of a flow, in the log that its home keeps. */
export interface LoggedStep {
  /** SHA-256 of the document before it and after it, in hexadecimal digits. */
  before: string
  after: string
  /** As gestureToText writes them, in order. */
  gestures: readonly string[]
}

/** The log of a flow that outlives this browser. */
export interface HomeLog {
  /** The newest steps, oldest first; those of others are among them. */
  read(flow: string): Promise<readonly LoggedStep[]>
  append(flow: string, step: LoggedStep): Promise<void>
}

/** What somebody may do with flows of a folder. */
export interface HomeRights {
  edit: boolean
  publish: boolean
  run: boolean
}

export interface FlowHome {
  readonly kind: 'browser' | 'server'
  /** For a person: *this browser*, the host of a server. */
  readonly name: string
  /** Tells homes apart where drafts are kept: `browser`, or a server and who has signed in there. */
  readonly key: string
  readonly log?: HomeLog
  rights(folder: string): HomeRights
  list(): Promise<readonly KeptHead[]>
  /** All of them throw HomeAway if there is no answer, and FlowGone if there is no such flow. */
  read(flow: string): Promise<KeptFlow>
  /** @throws FlowMovedOn if it has another revision */
  write(flow: string, text: string, revision: string): Promise<KeptHead>
  /** Keeps a new flow under the id of its document. @throws FlowTaken */
  create(text: string, folder: string): Promise<KeptHead>
  versions(flow: string): Promise<readonly KeptVersion[]>
  version(flow: string, number: number): Promise<string>
  /** Keeps what the home has as a version. */
  keepVersion(flow: string, options: { label: string; message: string; publish: boolean }): Promise<KeptVersion>
  /** Puts it into the bin. */
  bin(flow: string, revision: string): Promise<void>
}

/** The home does not answer; it may do so later. */
export class HomeAway extends Error {
  override readonly name = 'HomeAway'
}

/** Somebody has changed the flow since it was read. */
export class FlowMovedOn extends Error {
  override readonly name = 'FlowMovedOn'
}

/** There is no such flow, or it is in the bin. */
export class FlowGone extends Error {
  override readonly name = 'FlowGone'
}

/** There is a flow of that id. */
export class FlowTaken extends Error {
  override readonly name = 'FlowTaken'
}
