// One word for one thing: the words that the studio shows. docs/words.md is the same table for people.

interface Entry {
  /** The word as it is written within a sentence. */
  word: string
  means: string
  /** Words that are not used for it. */
  not: readonly string[]
}

/** What things, states and actions are called. */
export const WORDS = {
  alert: { word: 'alert', means: 'something that a rule found, and that has not cleared', not: ['alarm', 'incident'] },
  bin: { word: 'bin', means: 'where deleted flows stay for 30 days', not: ['trash', 'recycle'] },
  box: { word: 'box', means: 'nodes drawn together on the canvas', not: ['group on the canvas', 'frame'] },
  channel: { word: 'channel', means: 'where people are told of alerts', not: ['contact point', 'notifier'] },
  draft: { word: 'draft', means: 'the document as it is being edited', not: ['working copy'] },
  edge: { word: 'edge', means: 'what rows move along between two nodes', not: ['wire', 'link', 'connection'] },
  flow: { word: 'flow', means: 'a document of nodes and edges', not: ['pipeline', 'workflow', 'job'] },
  folder: { word: 'folder', means: 'where flows lie, and whose rights they run with', not: ['workspace', 'project'] },
  formula: { word: 'formula', means: 'an expression (CEL)', not: ['script'] },
  grant: { word: 'grant', means: 'a role that somebody has in a folder', not: ['role binding'] },
  held: {
    word: 'held',
    means: 'a row at a breakpoint; a run that waits until something is mended',
    not: ['paused row']
  },
  mount: { word: 'mount', means: 'a directory of the server that flows may use, by name', not: ['volume', 'share'] },
  node: { word: 'node', means: 'one step of a flow', not: ['block', 'operator', 'processor'] },
  publish: { word: 'publish', means: 'make a version the one that runs', not: ['deploy', 'release'] },
  replay: { word: 'replay', means: 'give rows that were set aside again', not: ['retry rows', 'reprocess'] },
  row: { word: 'row', means: 'one record', not: ['record', 'message', 'item'] },
  run: { word: 'run', means: 'one execution of a flow', not: ['job run', 'instance'] },
  schedule: { word: 'schedule', means: 'the times at which runs start by themselves', not: ['trigger', 'cron job'] },
  secret: { word: 'secret', means: 'a value that flows use and nobody reads', not: ['credential', 'variable'] },
  setAside: {
    word: 'set aside',
    means: 'rows that failed and are kept to be mended',
    not: ['dead letter queue', 'DLQ']
  },
  signIn: { word: 'sign in', means: 'say who one is', not: ['log in', 'login'] },
  summarise: { word: 'summarise', means: 'make one row of many', not: ['aggregate', 'group by'] },
  token: { word: 'token', means: 'what a program signs in with', not: ['API key'] },
  version: { word: 'version', means: 'a document that was kept as it was', not: ['snapshot', 'revision'] },
  waiting: { word: 'waiting', means: 'rows in a queue before a node', not: ['pending', 'backlog'] }
} as const satisfies Record<string, Entry>

export type Word = keyof typeof WORDS

/** The word for a thing, with a capital where it begins something. */
export function word(name: Word, place: 'within' | 'first' = 'within'): string {
  const text = WORDS[name].word
  return place === 'first' ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
