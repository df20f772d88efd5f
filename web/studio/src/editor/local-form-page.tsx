// The page at /local/FLOW/form: a flow of this browser as a form with one button.
import { useParams } from 'react-router'
import { FormPage } from '@weir/editor/share'
import { FormFrame } from './form-frame.tsx'
import { LOCAL_PARTS } from './parts.ts'
import { localStore } from './shelf.ts'

const places = async () => (await LOCAL_PARTS.places?.()) ?? []

export function Component() {
  const { flow = '' } = useParams()
  return (
    <FormFrame>
      <FormPage key={flow} flow={flow} home={localStore().home} places={places} folders={LOCAL_PARTS.folders} />
    </FormFrame>
  )
}
