// @vitest-environment happy-dom
// Where flows of a browser may go on a server, and what is said of which folder.
import { UploadStopped } from '@weir/editor'
import { describe, expect, it } from 'vitest'
import { Client } from '../src/api/client.ts'
import { signedOf } from '../src/api/session.ts'
import { foldersFor, putFiles, reaches, uploadRefusal } from '../src/editor/move-to-server.ts'

const ROLES = { viewer: ['flow.read'], editor: ['flow.read', 'flow.edit'], user: ['mount.use'] }

function signed(grants: [role: string, folder: string, flow?: string][], permissions: string[] = []) {
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
  const given = grants.map(([role, folder, flow], at) => ({
    id: String(at),
    name: 'ada',
    role,
    folder,
    by: 'u',
    createdAt: 0,
    ...(flow === undefined ? {} : { flow })
  }))
  return signedOf({ user, groups: [], grants: given, permissions, places: [] }, ROLES)
}

describe('the folders of a move', () => {
  it('are those that the person may draw in', () => {
    const editor = signed([
      ['editor', 'team/reports'],
      ['viewer', 'team']
    ])
    expect(foldersFor(editor, ['team', 'team/reports/old', 'other'])).toEqual(['team/reports', 'team/reports/old'])
    expect(foldersFor(signed([['editor', '']]), ['a/b'])).toEqual(['', 'a', 'a/b'])
    expect(foldersFor(signed([['viewer', '']]), ['a'])).toEqual([])
  })

  it('have what is said of them and of folders above, and the root keeps its own', () => {
    expect(reaches('team', 'team')).toBe(true)
    expect(reaches('team', 'team/reports')).toBe(true)
    expect(reaches('team', 'teams')).toBe(false)
    expect(reaches('', 'team')).toBe(false)
    expect(reaches('', '')).toBe(true)
  })
})

interface Sent {
  url: string
  headers: Record<string, string>
  body: unknown
}

/** A client of a server that gives these answers, one after another; undefined: none comes. */
function clientOf(answers: readonly (Response | undefined)[], abort?: AbortController) {
  const sent: Sent[] = []
  const left = [...answers]
  const client = new Client({
    server: 'http://weir.test',
    fetch: (input, init) => {
      sent.push({
        url: typeof input === 'string' ? input : '',
        headers: init?.headers as Record<string, string>,
        body: init?.body
      })
      abort?.abort()
      const answer = left.shift()
      if (init?.signal?.aborted === true) return Promise.reject(new DOMException('', 'AbortError'))
      return answer === undefined ? Promise.reject(new TypeError('no network')) : Promise.resolve(answer)
    },
    confirm: () => Promise.resolve(false),
    signedOut: () => undefined,
    reached: () => undefined,
    wait: () => Promise.resolve()
  })
  client.csrf = 'token'
  return { client, sent }
}

function refused(status: number, detail = 'no', code = ''): Response {
  return new Response(JSON.stringify({ detail, code }), { status })
}

function wish(replace = false) {
  return { replace, signal: new AbortController().signal }
}

const FILE = new File(['id,total'], 'a.csv')

describe('files that go to the server', () => {
  it('are sent as they are, with the token, and replace none unless they are to', async () => {
    const { client, sent } = clientOf([new Response('{}', { status: 201 }), new Response('{}', { status: 200 })])
    const put = putFiles(client, 'team/reports')
    expect(await put('orders/2026/50 % & ü.csv', FILE, wish())).toBe('put')
    expect(await put('a.csv', FILE, wish(true))).toBe('put')
    expect(sent[0]?.url).toBe(
      'http://weir.test/api/v1/mounts/project/files/orders/2026/50%20%25%20%26%20%C3%BC.csv?folder=team%2Freports'
    )
    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-weir-csrf': 'token',
      'if-none-match': '*'
    })
    // The file itself: nobody has read it before it goes.
    expect(sent[0]?.body).toBe(FILE)
    expect(sent[1]?.headers['if-none-match']).toBeUndefined()
  })

  it('are told to be there already', async () => {
    const { client } = clientOf([refused(412, 'there is one')])
    expect(await putFiles(client, '')('a.csv', FILE, wish())).toBe('there')
  })

  it('fail for themselves when they are too large or named as none may be', async () => {
    for (const status of [413, 422]) {
      const { client, sent } = clientOf([refused(status, 'it is too large')])
      const failure = await putFiles(client, '')('a.csv', FILE, wish()).catch((error: unknown) => error)
      expect(failure).not.toBeInstanceOf(UploadStopped)
      expect(failure).toMatchObject({ message: 'it is too large' })
      expect(sent.length).toBe(1)
    }
  })

  it('stop all of it when the disk is full, the right is gone, or no answer comes', async () => {
    for (const [answer, unsure] of [
      [refused(507, 'the disk is full'), false],
      [refused(403, 'you may not'), false],
      [undefined, true]
    ] as const) {
      const { client, sent } = clientOf([answer])
      const failure = await putFiles(client, '')('a.csv', FILE, wish()).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(UploadStopped)
      expect(failure).toMatchObject({ unsure })
      expect(sent.length).toBe(1)
    }
  })

  it('are sent again to a server that has no time, which has taken nothing', async () => {
    const { client, sent } = clientOf([refused(503), refused(429), new Response('{}', { status: 201 })])
    expect(await putFiles(client, '')('a.csv', FILE, wish())).toBe('put')
    expect(sent.length).toBe(3)
  })

  it('are given up when the person stops', async () => {
    const abort = new AbortController()
    const { client, sent } = clientOf([undefined], abort)
    const failure = putFiles(client, '')('a.csv', FILE, { replace: false, signal: abort.signal })
    await expect(failure).rejects.toMatchObject({ name: 'AbortError' })
    expect(sent.length).toBe(1)
  })

  it('need rights, and who has them not is told whom to ask', () => {
    const both = signed([
      ['editor', 'team'],
      ['user', 'team']
    ])
    expect(uploadRefusal(both, 'team/reports')).toBe('')
    expect(uploadRefusal(signed([['editor', 'team']]), 'team')).toContain('ask somebody who administers this folder')
    expect(uploadRefusal(signed([['editor', '']]), '')).toContain('administers the server')
  })
})
