// The page at /flows/FLOW/form: a flow of the server as a form with one button.
import { useMemo } from 'react'
import { Link, useParams } from 'react-router'
import { FormPage } from '@weir/editor/share'
import { server } from '../api/server.ts'
import { useSigned } from '../api/session.ts'
import { FormFrame } from './form-frame.tsx'
import { PARTS } from './parts.ts'
import { ServerHome } from './server-home.ts'

const nodesOfServer = async () => (await server.ask('get', '/api/v1/nodes')).nodes
const places = async () => (await PARTS.places?.()) ?? []

export function Component() {
  const signed = useSigned()
  const { flow = '' } = useParams()
  const home = useMemo(() => new ServerHome(server, signed, window.location.host), [signed])
  return (
    <FormFrame>
      <FormPage
        key={flow}
        flow={flow}
        home={home}
        places={places}
        nodes={nodesOfServer}
        runPage={(run) => (
          <Link to={`/runs/${encodeURIComponent(run)}`} className="text-water underline">
            The page of this run
          </Link>
        )}
      />
    </FormFrame>
  )
}
