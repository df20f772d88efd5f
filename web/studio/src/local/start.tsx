// Where flows of this browser begin: the page at / without a server, and the one at /local beside a server.
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { StartPage } from '@weir/editor'
import { LOCAL_PARTS, runsHere } from '../editor/parts.ts'
import { localStore } from '../editor/shelf.ts'
import { EXAMPLES } from './examples.ts'

function Start({ title }: { title: string }) {
  const navigate = useNavigate()
  const [runs, setRuns] = useState(false)
  useEffect(() => {
    let here = true
    void runsHere().then((found) => {
      if (here) setRuns(found)
    })
    return () => {
      here = false
    }
  }, [])
  return (
    <StartPage
      title={title}
      local={localStore()}
      examples={EXAMPLES}
      takeFiles={runs ? LOCAL_PARTS.takeFiles : undefined}
      open={(flow) => void navigate(`/local/${encodeURIComponent(flow)}/edit`)}
    />
  )
}

export function Component() {
  return <Start title="Flows" />
}

/** Beside a server, where *Flows* are those of the server. */
export function Beside() {
  return <Start title="Flows in this browser" />
}
