// Settings: what a person chooses for themselves, their password, and where they are signed in.
import { Page } from '@weir/ui/page.tsx'
import { Section } from '@weir/ui/section.tsx'
import { KEYS } from '../../shell/keys.ts'
import { Choices } from './choices.tsx'
import { EditorKeys } from './editor-keys.tsx'
import { PasswordSection } from './password-section.tsx'
import { SessionsSection } from './sessions-section.tsx'
import { TokensSection } from './tokens-section.tsx'

/** The page at /settings. */
export function SettingsPage() {
  return (
    <Page title="Settings">
      <Choices />
      <Section title="Keys">
        <dl className="grid max-w-[420px] grid-cols-[100px_1fr] gap-y-1 px-4">
          {KEYS.map((key) => (
            <div key={key.keys} className="contents">
              <dt>
                <kbd className="rounded-base border border-edge px-1.5 text-data">{key.keys}</kbd>
              </dt>
              <dd>{key.does}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <EditorKeys />
      <PasswordSection />
      <SessionsSection />
      <TokensSection />
    </Page>
  )
}
