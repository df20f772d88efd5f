// The start page of this browser: drop files, go on with a flow, take an example, begin a new one, restore a backup.
import { newFlow, openFlow, setFlow, applyOperations, Catalogue } from '@weir/flow-model'
import { droppedFiles } from '@weir/engine-client/browser'
import type { Dropped } from '@weir/engine-client/browser'
import type { FlowHead } from '@weir/engine-client/storage'
import { useCallback, useEffect, useState } from 'react'
import type { DragEvent } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { FileButton, FolderButton } from '../files/file-button.tsx'
import { FilesDialog } from '../files/files-dialog.tsx'
import { filesOfInput } from '../files/pick-folder.ts'
import { addReaders, flowIdFrom, kindsOf } from '../files/readers.ts'
import type { FileKind } from '../files/readers.ts'
import type { LocalStore } from '../home/local-store.ts'
import type { EditorParts } from '../parts.ts'
import { tellLimit } from '@weir/ui/limits.tsx'
import { errorOf, useWork } from '../versions/use-work.ts'
import { RecentFlows } from './recent-flows.tsx'

export interface Example {
  id: string
  title: string
  about: string
  text: string
}

export interface StartPageProps {
  /** *Flows* if left out. */
  title?: string
  local: LocalStore
  examples: readonly Example[]
  takeFiles: EditorParts['takeFiles']
  open: (flow: string) => void
}

interface Given {
  dropped: Dropped
  kinds: readonly FileKind[]
}

const kEnding = /\.json$/i

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}

/** A document with another id. */
function withId(text: string, id: string): string {
  const opened = openFlow(text)
  if (opened.state === 'broken') throw new Error(opened.problems[0]?.message ?? 'this is no flow')
  applyOperations(opened.document, [setFlow('/id', id)])
  return opened.document.text()
}

/** The document of a file, if it is one of a flow. */
async function flowTextOf({ files }: Dropped): Promise<string | undefined> {
  const [only] = files
  if (files.length !== 1 || only === undefined || !kEnding.test(only.path)) return undefined
  const text = await only.file.text()
  const opened = openFlow(text)
  return opened.state !== 'broken' || only.path.endsWith('.flow.json') ? text : undefined
}

/** Everything that begins here ends in a flow that is open. */
class Beginning {
  constructor(private readonly props: StartPageProps) {}

  async make(name: string, textFor: (id: string) => string | Promise<string>): Promise<void> {
    const { local, open } = this.props
    const [flows, binned] = await Promise.all([
      local.storage.flows.list({ limit: 500 }),
      local.storage.flows.list({ limit: 500, bin: true })
    ])
    const id = flowIdFrom(name, new Set([...flows.flows, ...binned.flows].map((flow) => flow.id)))
    await local.home.create(await textFor(id), '')
    open(id)
  }

  /** A document that cannot be read is kept as it is, under the name of its file: it can be mended where it opens. */
  async takeFlow(name: string, text: string): Promise<void> {
    const opened = openFlow(text)
    if (opened.state !== 'broken') {
      await this.make(opened.document.id === '' ? name : opened.document.id, (id) => withId(text, id))
      return
    }
    const { local, open } = this.props
    const { flows } = await local.storage.flows.list({ limit: 500 })
    const id = flowIdFrom(name, new Set(flows.map((flow) => flow.id)))
    await local.storage.flows.create({ id, document: text })
    open(id)
  }

  async readFiles({ dropped }: Given, kinds: readonly FileKind[]): Promise<void> {
    const { takeFiles } = this.props
    if (takeFiles === undefined) return
    const name = dropped.root?.name ?? dropped.name ?? dropped.files[0]?.path ?? 'files'
    await this.make(name, async (id) => {
      const prefix = await takeFiles(id, dropped)
      const document = newFlow(id)
      applyOperations(document, addReaders(document, new Catalogue([]), kinds, prefix, { x: 80, y: 80 }))
      return document.text()
    })
  }
}

export function StartPage(props: StartPageProps) {
  const { local, examples, takeFiles, open } = props
  const work = useWork()
  const [recent, setRecent] = useState<readonly FlowHead[]>([])
  const [given, setGiven] = useState<Given>()
  const [wantsBackUp, setWantsBackUp] = useState(false)
  const beginning = new Beginning(props)
  const { storage } = local
  const [broken, setBroken] = useState<Error | null>(null)
  const look = useCallback(() => {
    // What cannot be told is no reason to ask for anything.
    local.wantsBackUp().then(setWantsBackUp, () => undefined)
    storage.flows.list({ limit: 50 }).then(
      (page) => {
        setRecent(page.flows)
      },
      (error: unknown) => {
        if (codeOf(error) === 'storage.unavailable') tellLimit('storage')
        setBroken(errorOf(error))
      }
    )
  }, [local, storage])
  useEffect(() => {
    look()
    return storage.onChange(look)
  }, [storage, look])
  const take = async (dropped: Dropped) => {
    const text = await flowTextOf(dropped)
    if (text !== undefined) {
      await beginning.takeFlow(dropped.files[0]?.path ?? 'flow', text)
      return
    }
    const kinds = kindsOf(dropped.files.map((file) => file.path))
    if (kinds.length === 0) throw new Error('there is no file in what was given')
    if (takeFiles === undefined) throw new Error('this is no flow: give the file of one, such as orders.flow.json')
    if (kinds.length > 1) setGiven({ dropped, kinds })
    else await beginning.readFiles({ dropped, kinds }, kinds)
  }
  const restore = async (file: File) => {
    await local.restore(file)
    look()
  }
  return (
    <Page
      title={props.title ?? 'Flows'}
      facts={<span className="text-mute">{recent.length}</span>}
      actions={
        <>
          <FileButton
            words="Restore a backup…"
            accept=".zip"
            look="quiet"
            take={([file]) => {
              if (file !== undefined) work.run(() => restore(file))
            }}
          />
          <Button
            look="main"
            onClick={() => {
              work.run(() => beginning.make('flow', (id) => newFlow(id).text()))
            }}
          >
            New flow
          </Button>
        </>
      }
    >
      <div className="mx-auto grid max-w-[880px] gap-6 p-4 sm:p-8">
        {wantsBackUp && (
          <p role="status" className="flex flex-wrap items-center gap-3 rounded-panel border border-warn px-3 py-2">
            <span className="text-warn">
              <span aria-hidden="true">▲</span> The newest work is in this browser only.
            </span>
            <Button
              onClick={() => {
                work.run(async () => {
                  await local.backUp()
                  look()
                })
              }}
            >
              Back it up
            </Button>
          </p>
        )}
        <DropZone
          reads={takeFiles !== undefined}
          take={(dropping) => {
            work.run(async () => {
              await take(await dropping)
            })
          }}
        />
        <Refusal error={work.error ?? broken} />
        {recent.length > 0 && <RecentFlows flows={recent} local={local} open={open} changed={look} />}
        <section aria-label="Examples" className="grid gap-2">
          <h2 className="text-head font-semibold">Examples</h2>
          <ul className="grid gap-2 sm:grid-cols-2">
            {examples.map((example) => (
              <li key={example.id}>
                <button
                  type="button"
                  className="grid h-full w-full content-start gap-0.5 rounded-panel border border-edge bg-panel px-3 py-2 text-left hover:border-water"
                  onClick={() => {
                    work.run(() => beginning.make(example.id, (id) => withId(example.text, id)))
                  }}
                >
                  <span className="font-semibold">{example.title}</span>
                  <span className="text-data text-mute">{example.about}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      </div>
      {given !== undefined && (
        <FilesDialog
          kinds={given.kinds}
          unreadable={given.dropped.unreadable}
          more={given.dropped.more}
          take={(kinds) => {
            setGiven(undefined)
            work.run(() => beginning.readFiles(given, kinds))
          }}
          close={() => {
            setGiven(undefined)
          }}
        />
      )}
    </Page>
  )
}

function DropZone({ reads, take }: { reads: boolean; take: (dropped: Promise<Dropped>) => void }) {
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(droppedFiles(event.dataTransfer))
  }
  const picked = (files: File[]) => {
    take(Promise.resolve(filesOfInput(files)))
  }
  return (
    <section
      aria-label="Drop files"
      className={`grid justify-items-center gap-3 rounded-panel border border-dashed px-4 py-10 text-center ${
        over ? 'border-water bg-water-dim' : 'border-edge bg-panel'
      }`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => {
        setOver(false)
      }}
      onDrop={drop}
    >
      <p className="text-title">{reads ? 'Drop a folder or files here' : 'Drop the file of a flow here'}</p>
      <p className="max-w-[56ch] text-mute">
        {reads
          ? 'They are read where they are, in this tab: nothing leaves your machine. Where the browser speaks of uploading, it means that this page may read them.'
          : 'It is kept in this browser: nothing leaves your machine.'}
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        {reads && <FolderButton words="Choose a folder…" take={take} />}
        <FileButton words={reads ? 'Choose files…' : 'Choose a file…'} take={picked} />
      </div>
    </section>
  )
}
