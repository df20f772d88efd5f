// The page at /settings without a server: what a person chooses for this browser.
import { Page } from '@weir/ui/page.tsx'
import { Choices } from '../pages/settings/choices.tsx'
import { EditorKeys } from '../pages/settings/editor-keys.tsx'

export function Component() {
  return (
    <Page title="Settings">
      <Choices />
      <EditorKeys />
    </Page>
  )
}
