// @vitest-environment happy-dom
// Where flows of a browser may go on a server, and what is said of which folder.
import { describe, expect, it } from 'vitest'
import { signedOf } from '../src/api/session.ts'
import { foldersFor, reaches } from '../src/editor/move-to-server.ts'

const ROLES = { viewer: ['flow.read'], editor: ['flow.read', 'flow.edit'] }

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
