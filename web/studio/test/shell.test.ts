// @vitest-environment happy-dom
// What the shell and the pages work out by themselves: rights, keys, news, causes of alerts, themes.
import { beforeEach, describe, expect, it } from 'vitest'
import type { Alert, Me, NodeType, Schedule } from '../src/api/routes.ts'
import { sameSigned, signedOf } from '../src/api/session.ts'
import { testText } from '../src/pages/administration/mounts-part.tsx'
import { listOf } from '../src/pages/administration/secrets-part.tsx'
import { byKind, encryptionText, keptText } from '../src/pages/administration/storage-part.tsx'
import { causesOf } from '../src/pages/alerts/causes.ts'
import { channelFrom, headersOf } from '../src/pages/alerts/edit-channel.tsx'
import { idOf, labelsOf } from '../src/pages/alerts/edit-rule.tsx'
import { failedRule, missedRule } from '../src/pages/alerts/run-rules.ts'
import { ruleText } from '../src/pages/alerts/rule-list.tsx'
import { foldersOf, newestRuns } from '../src/pages/flows/flows-page.tsx'
import { factsOf, nodesLike } from '../src/pages/nodes/node-facts.ts'
import { whenText } from '../src/pages/schedules/schedule-row.tsx'
import { schedulesLike } from '../src/pages/schedules/schedules-page.tsx'
import { isCommand, letterReader, writesInto } from '../src/shell/keys.ts'
import { PLACES } from '../src/shell/places.ts'
import { newOnes, watchedFolders } from '../src/shell/use-alert-news.ts'
import { useConnection } from '../src/state/connection.ts'
import { useNews } from '../src/state/news.ts'
import { usePasswordAgain } from '../src/state/password-again.ts'
import { shownTheme } from '@weir/ui/preferences.ts'

const ROLES = {
  viewer: ['flow.read'],
  operator: ['flow.read', 'run.start'],
  admin: ['flow.read', 'secret.use', 'folder.grant']
}

function someone(grants: [role: string, folder: string][], permissions: string[] = []): Me {
  const user = {
    id: 'u',
    name: 'ada',
    fullName: '',
    disabled: false,
    administersServer: false,
    service: false,
    hasPassword: true,
    createdAt: 0
  }
  const given = grants.map(([role, folder]) => ({ id: role, name: 'ada', role, folder, by: 'u', createdAt: 0 }))
  return { user, groups: [], grants: given, permissions, places: [] }
}

function alert(number: number, more: Partial<Alert> = {}): Alert {
  return {
    number,
    state: 'raised',
    name: 'n',
    severity: 'info',
    message: '',
    folder: '',
    flow: '',
    raisedAt: 0,
    ...more
  }
}

describe('rights', () => {
  it('reach down from the folder of a grant, and nowhere else', () => {
    const { may, mayIn } = signedOf(someone([['operator', 'team']]), ROLES)
    const one = sameSigned(someone([['operator', 'team']]), ROLES)
    expect(sameSigned(someone([['operator', 'team']]), ROLES)).toBe(one)
    expect(sameSigned(someone([['viewer', 'team']]), ROLES)).not.toBe(one)
    expect(may('run.start')).toBe(true)
    expect(['team', 'team/reports', 'teams', ''].map((folder) => mayIn('run.start', folder))).toEqual([
      true,
      true,
      false,
      false
    ])
    expect(may('secret.use')).toBe(false)
  })

  it('decide which places are there and whose alerts are watched', () => {
    const viewer = signedOf(
      someone([
        ['viewer', 'a'],
        ['viewer', 'b']
      ]),
      ROLES
    )
    expect(PLACES.filter((place) => place.seen(viewer)).map((place) => place.name)).not.toContain('Admin')
    expect(watchedFolders(viewer)).toEqual(['a', 'b'])
    const root = signedOf(someone([['admin', '']], ['flow.read', 'server.admin']), ROLES)
    expect(PLACES.filter((place) => place.seen(root)).map((place) => place.name)).toContain('Admin')
    expect(watchedFolders(root)).toEqual([''])
  })
})

describe('keys', () => {
  const press = (key: string, more = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more
  })

  it('are letters one after the other within a second', () => {
    let now = 0
    const read = letterReader(() => now)
    expect([read('g'), read('r')]).toEqual(['g', 'g r'])
    read('g')
    now = 2000
    expect(read('r')).toBe('r')
  })

  it('with Ctrl or Cmd open the commands', () => {
    expect(isCommand(press('k', { ctrlKey: true }))).toBe(true)
    expect(isCommand(press('K', { metaKey: true }))).toBe(true)
    expect(isCommand(press('k'))).toBe(false)
  })

  it('do not count where something is written', () => {
    document.body.innerHTML = '<input><button>b</button>'
    expect(writesInto(document.querySelector('input'))).toBe(true)
    expect(writesInto(document.querySelector('button'))).toBe(false)
  })

  it('lead to different places', () => {
    expect(new Set(PLACES.map((place) => place.keys)).size).toBe(PLACES.length)
  })
})

describe('the state of the page', () => {
  beforeEach(() => {
    useNews.setState({ pieces: [] })
  })

  it('keeps the four newest news', () => {
    for (let i = 0; i < 6; ++i) useNews.getState().tell('done', String(i))
    expect(useNews.getState().pieces.map((piece) => piece.text)).toEqual(['2', '3', '4', '5'])
  })

  it('knows since when the server is away', () => {
    useConnection.getState().tell(false)
    expect(useConnection.getState().lostAt).not.toBeNull()
    useConnection.getState().tell(true)
    expect(useConnection.getState().lostAt).toBeNull()
  })

  it('asks for the password one question at a time', async () => {
    const first = usePasswordAgain.getState().ask()
    const second = usePasswordAgain.getState().ask()
    usePasswordAgain.getState().settle?.(true)
    expect([await first, await second]).toEqual([false, true])
  })

  it('follows the wish of the machine where no theme is chosen', () => {
    const asks = (wish: string) => (query: string) => query.includes(wish)
    expect(shownTheme('system', asks('more'))).toBe('contrast')
    expect(shownTheme('system', asks('light'))).toBe('light')
    expect(shownTheme('system', asks('nothing'))).toBe('dark')
    expect(shownTheme('light', asks('more'))).toBe('light')
  })
})

describe('alerts', () => {
  it('of one cause are one line with their count', () => {
    const causes = causesOf([alert(3, { rule: 'a' }), alert(2, { rule: 'a' }), alert(1, { rule: 'a', flow: 'f' })])
    expect(causes.map((cause) => [cause.newest.number, cause.count])).toEqual([
      [3, 2],
      [1, 1]
    ])
  })

  it('are news only when they were not there before', () => {
    expect(newOnes(null, [alert(1)])).toEqual([])
    expect(newOnes(new Set([1]), [alert(1), alert(2)]).map((one) => one.number)).toEqual([2])
  })

  it('have rules in words and ids from their names', () => {
    expect(ruleText({ metric: 'm', over: 5, under: null, forMs: 60_000 })).toBe('m over 5 for 1 min 00 s')
    expect([idOf('Zu viele Fehler!'), idOf('…')]).toEqual(['zu-viele-fehler', 'rule'])
  })

  it('go to channels without what is empty or of another kind', () => {
    const texts = {
      id: 'ops',
      folder: '',
      url: 'https://x',
      path: '',
      server: 's',
      user: '',
      password: '',
      from: 'a@b',
      to: 'a@b, c@d',
      headers: ''
    }
    expect(channelFrom(null, 'mail', texts)).toEqual({
      kind: 'mail',
      folder: '',
      to: ['a@b', 'c@d'],
      server: 's',
      from: 'a@b'
    })
    expect(channelFrom(null, 'slack', texts)).toEqual({ kind: 'slack', folder: '', url: 'https://x' })
    expect(channelFrom(null, 'mail', texts, 'startTls')).toMatchObject({ security: 'startTls' })
    expect(channelFrom(null, 'webhook', { ...texts, headers: 'X-Team: ops\n\n' })).toMatchObject({
      headers: { 'X-Team': 'ops' }
    })
    expect(headersOf('no colon')).toBeUndefined()
  })

  it('have rules about runs, in words and as the server takes them', () => {
    expect(ruleText(failedRule('orders', ''))).toBe('a run of orders failed within the last 15 min 00 s')
    expect(ruleText(missedRule('orders', '', 26 * 3_600_000))).toBe('no run of orders has ended well within 1 d 2 h')
    // No window is longer than a day: the rest is waited for.
    expect(missedRule('orders', '', 26 * 3_600_000)).toMatchObject({ windowMs: 86_400_000, forMs: 7_200_000 })
    expect(missedRule('orders', '', 3_600_000)).toMatchObject({ windowMs: 3_600_000, forMs: 0 })
    expect(ruleText({ ...failedRule('orders', ''), over: 3 })).toContain('{flow=orders, outcome=failed} over 3')
    expect(labelsOf(' flow = orders,outcome=failed ')).toEqual({ flow: 'orders', outcome: 'failed' })
    expect([labelsOf(''), labelsOf('flow')]).toEqual([{}, undefined])
  })
})

describe('lists', () => {
  it('of flows know the folders above them and the newest run of each', () => {
    expect(foldersOf([{ folder: 'team/reports' }, { folder: '' }, { folder: 'ops' }])).toEqual([
      'ops',
      'team',
      'team/reports'
    ])
    expect(
      newestRuns([
        { id: '2', flow: 'f' },
        { id: '1', flow: 'f' }
      ]).get('f')?.id
    ).toBe('2')
  })

  it('of schedules are found by words and state', () => {
    const plan = (name: string, paused: boolean): Schedule => ({ id: name, flow: 'orders', name, paused, revision: 1 })
    const plans = [plan('mornings', false), plan('nights', true)]
    expect(schedulesLike(plans, 'MORN', '').map((one) => one.name)).toEqual(['mornings'])
    expect(schedulesLike(plans, '', 'paused').map((one) => one.name)).toEqual(['nights'])
    expect([whenText({ cron: '0 6 * * *', timeZone: 'UTC' }), whenText({ everyMs: 900_000 })]).toEqual([
      '0 6 * * * UTC',
      'every 15 min 00 s'
    ])
  })

  it('of nodes are found by all words, among them keywords of the trade', () => {
    const node = {
      id: 'data/join',
      version: '1.0.0',
      category: 'Data',
      name: 'Join',
      description: 'Brings rows together',
      keywords: ['vlookup'],
      touches: 'nothing',
      ports: { inputs: [{ name: 'left', type: 'rows' }], outputs: [{ name: 'rows', type: 'rows' }] },
      settings: [{ name: 'keys', label: 'Keys', type: 'list', required: true }]
    } as unknown as NodeType
    expect(nodesLike([node], 'vlookup rows', '')).toHaveLength(1)
    expect(nodesLike([node], 'vlookup csv', '')).toHaveLength(0)
    expect(nodesLike([node], '', 'Files')).toHaveLength(0)
    expect(factsOf(node)).toMatchObject({
      ports: [{ way: 'in' }, { way: 'out' }],
      settings: [{ required: true, fallback: '' }]
    })
  })

  it('of what uses the disk have one line a kind', () => {
    const uses = [
      { name: 'a', what: 'other files', bytes: 1, count: 1 },
      { name: 'b', what: 'the database', bytes: 9, count: 1 },
      { name: 'c', what: 'other files', bytes: 2, count: 1 }
    ]
    expect(byKind(uses).map((use) => [use.what, use.bytes])).toEqual([
      ['the database', 9],
      ['other files', 3]
    ])
    expect(keptText({ keepMs: 86_400_000, keepCount: 5 })).toBe('1 d, at most 5 of them')
    expect(encryptionText({ encrypted: true, database: { kind: 'sqlite', encrypted: true } })).not.toContain(
      'PostgreSQL'
    )
    const elsewhere = encryptionText({ encrypted: true, database: { kind: 'postgresql', encrypted: false } })
    expect(elsewhere).toContain('PostgreSQL server, which Weir does not encrypt')
  })

  it('in a form are written with commas or spaces', () => {
    expect(listOf('a.example, b.example  c.example')).toEqual(['a.example', 'b.example', 'c.example'])
    expect(testText({ usable: true, reads: true, writes: false, entries: 3 })).toBe('can be read, 3 entries')
  })
})
