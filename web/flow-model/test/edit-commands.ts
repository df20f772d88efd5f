// Random edits for property tests: each makes operations for the document that is there.
import fc from 'fast-check'
import { kElementKinds } from '../src/document/elements.ts'
import { dashboardsOf } from '../src/document/elements.ts'
import type { ElementKind } from '../src/document/elements.ts'
import { isPlaced } from '../src/document/flow-document.ts'
import type { FlowDocument } from '../src/document/flow-document.ts'
import { addNote, addWidget, appendTo, groupThings, removeWidget, ungroup } from '../src/operations/canvas.ts'
import {
  addDashboard,
  freeDashboardId,
  movePlaced,
  placeWidget,
  removeDashboard,
  renameDashboard,
  takeOffDashboard
} from '../src/operations/dashboards.ts'
import * as edits from '../src/operations/edits.ts'
import { FreshIds } from '../src/operations/names.ts'
import type { Operation } from '../src/operations/operation.ts'
import { renameEdge, renameGroup, renameNode, renameWidget } from '../src/operations/renames.ts'
import type { Json } from '../src/json/value.ts'
import { anyJson } from './documents.ts'

export type Edit = (document: FlowDocument) => Operation[]

/** The id at this place of a list, or one that is not there. */
function pick(document: FlowDocument, kind: ElementKind, at: number): string {
  const list = document.tables[kind].list()
  return list[at % Math.max(list.length, 1)]?.id ?? 'nobody'
}

const place = fc.nat({ max: 30 })
const coordinate = fc.integer({ min: -500, max: 500 })
const port = fc.constantFrom('rows', 'match', 'rest')
const path = fc.constantFrom(
  '/settings/a',
  '/settings/b/c',
  '/settings/list/-',
  '/settings/list/0',
  '/settings',
  '/name',
  '/x-own',
  '/retry/attempts'
)
const flowPath = fc.constantFrom(
  '/metadata/description',
  '/metadata/tags/-',
  '/metadata/tags/0',
  '/config/limits/threads',
  '/parameters/=a/help',
  '/x-own/a',
  '/ports/inputs/-',
  '/dashboards',
  '/alerts/-'
)

const nodeEdits: fc.Arbitrary<Edit>[] = [
  fc.tuple(coordinate, coordinate).map(([x, y]) => (document) => {
    const id = new FreshIds(document).id('nodes', 'filter')
    return [edits.addNode({ id, typeId: 'logic/filter', version: '1.0.0', at: { x, y } })]
  }),
  fc
    .array(place, { minLength: 1, maxLength: 3 })
    .map(
      (at) => (document) => edits.removeNodes(document, [...new Set(at.map((each) => pick(document, 'nodes', each)))])
    ),
  place.map(
    (at) => (document) => edits.removeAndReconnect(document, pick(document, 'nodes', at), new FreshIds(document))
  ),
  fc.tuple(place, fc.constantFrom('a', 'b', 'fresh', 'other', '')).map(
    ([at, to]) =>
      (document) =>
        renameNode(document, pick(document, 'nodes', at), to)
  ),
  fc.tuple(place, fc.boolean()).map(([at, on]) => (document) => [edits.setBypass(pick(document, 'nodes', at), on)]),
  fc
    .tuple(place, place, coordinate, coordinate)
    .map(([a, b, x, y]) => (document) => [
      edits.moveBy(document, 'nodes', [pick(document, 'nodes', a), pick(document, 'nodes', b)], { x, y })
    ]),
  place.map(
    (at) => (document) =>
      edits.replaceType(
        document,
        pick(document, 'nodes', at),
        { typeId: 'logic/map', version: '1.0.0', settings: new Map() },
        {
          inputs: new Map(),
          outputs: new Map([
            ['match', 'rows'],
            ['rest', '']
          ])
        }
      )
  )
]

const edgeEdits: fc.Arbitrary<Edit>[] = [
  fc.tuple(place, port, place, port).map(([from, output, to, input]) => (document) => {
    const ids = new FreshIds(document)
    return [
      edits.connect(
        ids.edge(),
        { node: pick(document, 'nodes', from), port: output },
        { node: pick(document, 'nodes', to), port: input }
      )
    ]
  }),
  place.map((at) => (document) => [edits.disconnect(pick(document, 'edges', at))]),
  place.map((at) => (document) => {
    const ids = new FreshIds(document)
    const node = { id: ids.id('nodes', 'between'), typeId: 'logic/map', version: '1.0.0' }
    return edits.insertOnEdge(document, pick(document, 'edges', at), node, { input: 'rows', output: 'rows' }, ids)
  }),
  fc.tuple(place, fc.string({ maxLength: 4 })).map(
    ([at, to]) =>
      (document) =>
        renameEdge(document, pick(document, 'edges', at), to)
  ),
  fc
    .tuple(
      place,
      fc.constantFrom('/filter', '/buffer/rows', '/whenFull/rule', '/source/port'),
      fc.constantFrom<Json>('a', 1)
    )
    .map(([at, to, value]) => (document) => [edits.setValue('edges', pick(document, 'edges', at), to, value)])
]

const valueEdits: fc.Arbitrary<Edit>[] = [
  fc
    .tuple(place, path, anyJson)
    .map(([at, to, value]) => (document) => [edits.setValue('nodes', pick(document, 'nodes', at), to, value)]),
  fc.tuple(place, path).map(([at, to]) => (document) => [edits.unsetValue('nodes', pick(document, 'nodes', at), to)]),
  fc.tuple(flowPath, anyJson).map(([to, value]) => () => [edits.setFlow(to, value)]),
  flowPath.map((to) => () => [edits.unsetFlow(to)]),
  anyJson.map((value) => (document) => [
    appendTo(
      document,
      'parameters',
      new Map<string, Json>([
        ['name', 'p'],
        ['type', 'string'],
        ['default', value]
      ])
    )
  ])
]

const canvasEdits: fc.Arbitrary<Edit>[] = [
  fc.tuple(place, place).map(([a, b]) => (document) => {
    const id = new FreshIds(document).id('groups', 'box')
    const nodes = [...new Set([pick(document, 'nodes', a), pick(document, 'nodes', b)])]
    return groupThings({ id, name: 'Box', box: { x: 0, y: 0, width: 300, height: 200 } }, { nodes })
  }),
  place.map((at) => (document) => ungroup(document, pick(document, 'groups', at))),
  fc.tuple(place, fc.constantFrom('g', 'box')).map(
    ([at, to]) =>
      (document) =>
        renameGroup(document, pick(document, 'groups', at), to)
  ),
  fc
    .string()
    .map((text) => (document) => [
      addNote({ id: new FreshIds(document).id('notes', 'note'), text }, { x: 1, y: 2, width: 3, height: 4 })
    ]),
  place.map((at) => (document) => [
    addWidget({
      id: new FreshIds(document).id('widgets', 'chart'),
      type: 'line',
      node: pick(document, 'nodes', at),
      port: 'rows'
    })
  ]),
  place.map((at) => (document) => removeWidget(document, pick(document, 'widgets', at))),
  place.map((at) => (document) => renameWidget(document, pick(document, 'widgets', at), 'w')),
  fc.tuple(fc.constantFrom(...kElementKinds), place, coordinate).map(
    ([kind, at, width]) =>
      (document) =>
        isPlaced(kind) ? [edits.resize(kind, pick(document, kind, at), width, 80)] : []
  )
]

function board(document: FlowDocument, at: number): string {
  const list = dashboardsOf(document.root)
  return list[at % Math.max(list.length, 1)]?.id ?? 'nobody'
}

const cells = fc.integer({ min: -2, max: 20 })

const dashboardEdits: fc.Arbitrary<Edit>[] = [
  fc
    .string({ maxLength: 6 })
    .map((name) => (document) => [addDashboard(document, freeDashboardId(document, name), name)]),
  fc.tuple(place, fc.constantFrom('Prices', '')).map(
    ([at, name]) =>
      (document) =>
        renameDashboard(document, board(document, at), name)
  ),
  place.map((at) => (document) => [removeDashboard(board(document, at))]),
  fc.tuple(place, place, cells, cells).map(
    ([at, widget, x, y]) =>
      (document) =>
        placeWidget(document, board(document, at), {
          widget: pick(document, 'widgets', widget),
          x,
          y,
          width: 4,
          height: 3
        })
  ),
  fc.tuple(place, place, cells, cells).map(
    ([at, widget, x, width]) =>
      (document) =>
        movePlaced(document, board(document, at), [{ widget: pick(document, 'widgets', widget), x, width }])
  ),
  fc
    .tuple(place, place)
    .map(([at, widget]) => (document) => [takeOffDashboard(board(document, at), pick(document, 'widgets', widget))])
]

/** Any edit of a person, many of them of things that are not there. */
export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  ...nodeEdits,
  ...edgeEdits,
  ...valueEdits,
  ...canvasEdits,
  ...dashboardEdits
)
