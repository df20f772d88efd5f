// The dialog of Ctrl+Shift+F: what is found in all flows of this home, flow by flow, as they are looked through.
import { useEffect, useRef, useState } from 'react'
import { Dialog } from '@weir/ui/dialog.tsx'
import type { OtherFlows } from '../../page/parts.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { useTools } from '../tools.ts'
import { FindList } from './find-box.tsx'
import { findEverywhere, FlowReader } from './find-everywhere.ts'
import type { Progress } from './find-everywhere.ts'
import { goToFound, goWhenOpened } from './go-to-found.ts'

const kQuietMs = 200
const kNone: Progress = { results: [], looked: 0, all: 0, failed: 0 }

/** Nothing while it is not asked for, or where there is one flow alone. */
export function FindEverywhere() {
  const tools = useTools()
  const open = usePart(tools.ui, (state) => state.open === 'find-everywhere')
  const flows = tools.page?.flows
  if (!open || flows === undefined) return null
  return (
    <Dialog
      open
      wide
      title="Find in all flows"
      close={() => {
        tools.show(undefined)
      }}
    >
      <OpenDialog flows={flows} />
    </Dialog>
  )
}

/** What is found, told as it comes; another text begins anew. */
function useFound(flows: OtherFlows, text: string): [Progress, string] {
  const { catalogue } = useSession()
  const reader = useRef(new FlowReader(flows))
  const [progress, setProgress] = useState(kNone)
  const [failure, setFailure] = useState('')
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => {
      setFailure('')
      if (text.trim() === '') {
        setProgress(kNone)
        return
      }
      const wanted = { flows, reader: reader.current, catalogue, text }
      findEverywhere(wanted, stop.signal, setProgress).catch((error: unknown) => {
        if (!stop.signal.aborted) setFailure(error instanceof Error ? error.message : String(error))
      })
    }, kQuietMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [flows, catalogue, text])
  return [progress, failure]
}

function saidOf({ results, looked, all, failed }: Progress, text: string): string {
  if (text.trim() === '') return 'Names, types, values and notes of every flow that is kept here.'
  const found = results.reduce((sum, one) => sum + one.found.length, 0)
  const unread = failed === 0 ? '' : ` · ${failed} could not be read`
  return `${found} found in ${results.length} flows · looked through ${looked} of ${all}${unread}`
}

function OpenDialog({ flows }: { flows: OtherFlows }) {
  const tools = useTools()
  const session = useSession()
  const [text, setText] = useState('')
  const [progress, failure] = useFound(flows, text)
  const lines = progress.results.flatMap(({ flow, name, found }) =>
    found.map((one, index) => ({ key: `${flow} ${index}`, found: one, flow: name === '' ? flow : name, id: flow }))
  )
  return (
    <FindList
      inDialog
      label="Find in all flows"
      placeholder="A name, type, value or note"
      text={text}
      type={setText}
      lines={lines}
      show={() => undefined}
      go={({ key, found }) => {
        const flow = lines.find((line) => line.key === key)?.id
        tools.show(undefined)
        if (flow === undefined || flow === session.document.id) {
          goToFound(session, found)
          return
        }
        goWhenOpened(flow, found)
        flows.open(flow)
      }}
      close={() => {
        tools.show(undefined)
      }}
      said={failure === '' ? saidOf(progress, text) : failure}
    />
  )
}
