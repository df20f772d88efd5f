// Commands that run, hold and look.
import { canvasOf, toggleBreakpoint } from '../../canvas/index.ts'
import { countOf } from '../../canvas/actions.ts'
import { askForRow } from '../../panels/data/row-actions.ts'
import { chosenThings } from '../actions/go.ts'
import { isHeld, runWish, stepHeld, whyNoPlace } from '../actions/runs.ts'
import type { Tools } from '../tools.ts'
import type { Command } from './command.ts'

const kRunWords = { run: 'Run', resume: 'Resume', stop: 'Run', 'stop-now': 'Run' } as const

export const kRunCommands: readonly Command[] = [
  {
    id: 'run.run',
    label: 'Run',
    labelNow: (tools) => kRunWords[runWish(tools)],
    group: 'Run',
    keys: ['Mod+Enter'],
    where: 'always',
    why: (tools) => {
      const wish = runWish(tools)
      return wish === 'run' ? whyNoPlace(tools) : wish === 'resume' ? '' : 'It runs already.'
    },
    run: ({ page }) => page?.run()
  },
  {
    id: 'run.toHere',
    label: 'Run to here',
    group: 'Run',
    keys: ['Mod+Shift+Enter'],
    where: 'always',
    why: (tools) => {
      if (tools.session.selection.ids('nodes').size !== 1) return 'Choose the one node to run to.'
      return runWish(tools) === 'run' ? whyNoPlace(tools) : 'A run is under way: stop it first.'
    },
    run: ({ page }) => page?.runToHere()
  },
  {
    id: 'run.stop',
    label: 'Stop',
    labelNow: (tools) => (runWish(tools) === 'stop-now' ? 'Stop now' : 'Stop'),
    group: 'Run',
    keys: ['Mod+.'],
    where: 'always',
    why: (tools) => (runWish(tools) === 'run' ? 'Nothing runs.' : ''),
    run: ({ page }) => page?.stop()
  },
  {
    id: 'run.breakpoint',
    label: 'Breakpoint',
    labelNow: ({ session }) => {
      const { breakpoints } = session.view.getState()
      const chosen = (['nodes', 'edges'] as const).flatMap((kind) => [...session.selection.ids(kind)])
      const has = (id: string): boolean => breakpoints.some((each) => each.node === id || each.edge === id)
      return chosen.length > 0 && chosen.every(has) ? 'Remove breakpoint' : 'Breakpoint'
    },
    group: 'Run',
    keys: ['F9'],
    where: 'page',
    why: ({ session: { selection } }) =>
      selection.ids('nodes').size + selection.ids('edges').size > 0 ? '' : 'Choose a node or an edge first.',
    run: ({ session }) => {
      toggleBreakpoint(session)
    }
  },
  {
    id: 'run.alert',
    label: 'Alert me when…',
    group: 'Run',
    keys: ['a'],
    where: 'canvas',
    changes: true,
    why: ({ session: { selection } }) =>
      selection.ids('nodes').size + selection.ids('edges').size > 1 ? 'Choose one node or one edge.' : '',
    run: ({ session }) => {
      const [node] = session.selection.ids('nodes')
      const [edge] = session.selection.ids('edges')
      const [subject, of] =
        node !== undefined
          ? [node, 'node' as const]
          : [edge ?? 'run', edge === undefined ? ('run' as const) : ('edge' as const)]
      session.view.setState({ alertWish: { subject, of } })
    }
  },
  {
    id: 'run.step',
    label: 'Step to the next node',
    group: 'Run',
    keys: ['F10'],
    where: 'page',
    why: (tools) => (isHeld(tools) ? '' : 'No row is held.'),
    run: stepHeld
  }
]

function fitSelection({ session }: Tools): void {
  const things = chosenThings(session.selection)
  canvasOf(session)?.fit(things.length > 0 ? things : undefined)
}

export const kLookCommands: readonly Command[] = [
  {
    id: 'look.commands',
    label: 'Commands',
    group: 'Find and look',
    keys: ['Mod+k'],
    where: 'always',
    keysOnly: true,
    run: (tools) => {
      tools.show('commands')
    }
  },
  {
    id: 'find.flow',
    label: 'Find in this flow',
    group: 'Find and look',
    keys: ['Mod+f'],
    where: 'always',
    run: (tools) => {
      tools.show('find')
    }
  },
  {
    id: 'find.everywhere',
    label: 'Find in all flows',
    group: 'Find and look',
    keys: ['Mod+Shift+f'],
    where: 'always',
    why: ({ page }) => (page?.flows === undefined ? 'There are no other flows here.' : ''),
    run: (tools) => {
      tools.show('find-everywhere')
    }
  },
  {
    id: 'look.all',
    label: 'Show all',
    group: 'Find and look',
    keys: ['1'],
    where: 'canvas',
    run: ({ session }) => canvasOf(session)?.fit()
  },
  {
    id: 'look.selection',
    label: 'Show what is selected',
    group: 'Find and look',
    keys: ['2'],
    where: 'canvas',
    run: fitSelection
  },
  {
    id: 'look.rows',
    label: 'Show the rows of this edge',
    group: 'Find and look',
    keys: [],
    where: 'canvas',
    why: ({ session }) => (session.selection.ids('edges').size === 1 ? '' : 'Choose one edge first.'),
    run: ({ session: { selection, view } }) => {
      const [tapped] = selection.ids('edges')
      view.setState((now) => ({ tapped, bottom: { ...now.bottom, tab: 'data', open: true } }))
    }
  },
  {
    id: 'look.row',
    label: 'Where is my row?',
    group: 'Find and look',
    keys: [],
    where: 'page',
    why: ({ session }) =>
      session.document.edges().length > 0 ? '' : 'There are no edges yet that a row could come along.',
    run: ({ session }) => {
      const [edge] = session.selection.ids('edges')
      askForRow(session, '', edge)
    }
  },
  {
    id: 'look.outline',
    label: 'Outline',
    labelNow: ({ session }) => (session.view.getState().outlineOpen ? 'Close the outline' : 'Outline'),
    group: 'Find and look',
    keys: ['o'],
    where: 'canvas',
    run: ({ session }) => {
      session.view.setState((now) => ({ outlineOpen: !now.outlineOpen }))
    }
  },
  {
    id: 'look.side',
    label: 'Settings at the right',
    group: 'Find and look',
    keys: [],
    where: 'page',
    run: ({ session }) => {
      session.view.setState((now) => ({ side: { ...now.side, open: !now.side.open } }))
    }
  },
  {
    id: 'look.bottom',
    label: 'Tables under the canvas',
    group: 'Find and look',
    keys: [],
    where: 'page',
    run: ({ session }) => {
      session.view.setState((now) => ({ bottom: { ...now.bottom, open: !now.bottom.open } }))
    }
  },
  {
    id: 'look.problems',
    label: 'Problems',
    labelNow: ({ session }) => {
      const { list } = session.problems.store.getState()
      return list.length === 0 ? 'Problems' : `Show ${countOf(list.length, 'problem')}`
    },
    group: 'Find and look',
    keys: [],
    where: 'page',
    run: ({ session }) => {
      session.view.setState((now) => ({ bottom: { ...now.bottom, tab: 'problems', open: true } }))
    }
  },
  {
    id: 'look.keys',
    label: 'Keys',
    group: 'Find and look',
    keys: ['?'],
    where: 'page',
    run: (tools) => {
      tools.show('keys')
    }
  }
]
