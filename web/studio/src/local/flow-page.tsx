// The page at /local/FLOW/edit: the editor on a flow of this browser.
import { useNavigate, useParams } from 'react-router'
import { EditorPage, holdInBrowser } from '@weir/editor'
import { LOCAL_PARTS } from '../editor/parts.ts'
import { localStore, SHELF } from '../editor/shelf.ts'
import { RailLinks } from '../shell/rail.tsx'
import { LOCAL_PLACES } from './local-frame.tsx'

export function Component() {
  const navigate = useNavigate()
  const { flow = '' } = useParams()
  const local = localStore()
  const draw = `/local/${encodeURIComponent(flow)}/edit`
  return (
    <EditorPage
      key={flow}
      flow={flow}
      home={local.home}
      shelf={SHELF}
      hold={holdInBrowser}
      parts={LOCAL_PARTS}
      author="me"
      local={local}
      frame={{
        rail: <RailLinks places={LOCAL_PLACES} draw={draw} />,
        leave: () => void navigate('/'),
        open: (id) => void navigate(`/local/${encodeURIComponent(id)}/edit`)
      }}
    />
  )
}
