// The page at / without a server: where flows of this browser begin.
import { useNavigate } from 'react-router'
import { StartPage } from '@weir/editor'
import { PARTS } from '../editor/parts.ts'
import { localStore } from '../editor/shelf.ts'
import { EXAMPLES } from './examples.ts'

export function Component() {
  const navigate = useNavigate()
  return (
    <StartPage
      local={localStore()}
      examples={EXAMPLES}
      takeFiles={PARTS.takeFiles}
      open={(flow) => void navigate(`/local/${encodeURIComponent(flow)}/edit`)}
    />
  )
}
