// FormulaEditor: the text of a formula in a shadow root of its own, where its styles come as constructed sheets: the page's
// policy lets no <style> element in.
import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete'
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState } from '@codemirror/state'
import type { Extension, Transaction } from '@codemirror/state'
import { EditorView, hoverTooltip, keymap, placeholder, tooltips } from '@codemirror/view'
import type { Tooltip } from '@codemirror/view'
import type { Completion, FormulaCheck } from '../run/shown-run.ts'
import { celLanguage } from './cel-language.ts'

export interface FormulaEditorOptions {
  label: string
  text: string
  /** Stands where nothing is written. */
  hint: string
  changed: (text: string) => void
  /** The focus has gone. */
  left: () => void
  completions: (text: string, at: number) => Promise<readonly Completion[]>
  undo: () => void
  redo: () => void
}

const theme = EditorView.theme({
  '&': { color: 'var(--text)', font: 'var(--size-data) / 1.6 var(--font-data)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { padding: '4px 0', caretColor: 'var(--water)' },
  '.cm-line': { padding: '0 8px' },
  '.cm-scroller': { font: 'inherit', maxHeight: '180px' },
  '.cm-cursor': { borderLeftColor: 'var(--water)' },
  '.cm-placeholder': { color: 'var(--faint)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--water-dim)', outline: 'none' },
  '.cm-content ::selection': { backgroundColor: 'var(--water-dim)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--state-error) 1px',
    textUnderlineOffset: '3px'
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--text)',
    border: '1px solid var(--edge)',
    borderRadius: 'var(--radius)',
    boxShadow: 'var(--shadow)'
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: 'var(--size-data) / 1.5 var(--font-data)', maxHeight: '220px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--water-dim)', color: 'var(--text)' },
  '.cm-completionDetail': { fontStyle: 'normal', color: 'var(--mute)', marginLeft: '1em' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--water)' },
  '.cm-completionInfo': { font: 'var(--size-data) / 1.4 var(--font-text)', padding: '6px 8px', maxWidth: '260px' },
  '.cm-formula-doc': { font: 'var(--size-data) / 1.4 var(--font-text)', padding: '6px 8px', maxWidth: '300px' },
  '.cm-diagnostic': {
    font: 'var(--size-data) / 1.4 var(--font-text)',
    padding: '4px 8px',
    borderLeft: '3px solid var(--state-error)'
  }
})

const kWord = /[A-Za-z_][A-Za-z0-9_]*$/

/** One editor; `dispose` frees it and empties its host. */
export class FormulaEditor {
  private readonly view: EditorView
  private readonly named = new Compartment()

  constructor(
    host: HTMLElement,
    private readonly options: FormulaEditorOptions
  ) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true })
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: options.text, extensions: this.extensions() })
    })
  }

  private extensions(): Extension {
    const { options } = this
    const act = (what: () => void) => () => {
      what()
      return true
    }
    return [
      celLanguage(),
      theme,
      EditorView.lineWrapping,
      bracketMatching(),
      closeBrackets(),
      placeholder(options.hint),
      tooltips({ position: 'fixed' }),
      autocompletion({ override: [(context) => this.complete(context)], icons: false, activateOnTyping: true }),
      hoverTooltip((view, at) => this.describe(view, at), { hoverTime: 300 }),
      keymap.of([
        { key: 'Mod-z', run: act(options.undo), stopPropagation: true },
        { key: 'Mod-Shift-z', run: act(options.redo), stopPropagation: true },
        { key: 'Mod-y', run: act(options.redo), stopPropagation: true },
        ...completionKeymap,
        ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter' && binding.key !== 'Mod-i')
      ]),
      EditorView.domEventHandlers({ beforeinput: typedOver }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.setting) options.changed(update.state.doc.toString())
        if (update.focusChanged && !update.view.hasFocus) options.left()
      }),
      this.named.of(EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }))
    ]
  }
  private setting = false

  get text(): string {
    return this.view.state.doc.toString()
  }

  get hasFocus(): boolean {
    return this.view.hasFocus
  }

  /** Another text, if it is another; told to nobody. */
  setText(text: string): void {
    if (text === this.text) return
    this.setting = true
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } })
    this.setting = false
  }

  /** Underlines what is wrong; places beyond the text are taken back into it. */
  show(problems: FormulaCheck['problems']): void {
    const { length } = this.view.state.doc
    const diagnostics = problems.map(({ from, to, message, suggestion }) => {
      const end = Math.min(Math.max(to, from + 1), length)
      return {
        from: Math.min(from, Math.max(0, end - 1)),
        to: end,
        severity: 'error' as const,
        message: suggestion === undefined ? message : `${message} ${suggestion}`
      }
    })
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics))
  }

  /** Puts a text at the cursor, as by a click on a name. */
  insert(text: string): void {
    this.view.dispatch(this.view.state.replaceSelection(text))
    this.view.focus()
  }

  focus(): void {
    this.view.focus()
  }

  dispose(): void {
    this.view.destroy()
  }

  private async complete(context: CompletionContext): Promise<CompletionResult | null> {
    const before = context.matchBefore(/[A-Za-z_][A-Za-z0-9_]*/)
    const dot = context.matchBefore(/[.["']$/) !== null
    if (before === null && !dot && !context.explicit) return null
    const text = context.state.doc.toString()
    const found = await this.options.completions(text, context.pos).catch(() => [])
    if (context.aborted || found.length === 0) return null
    return {
      from: before?.from ?? context.pos,
      options: found.map(({ label, kind, type, help }) => ({
        label,
        detail: type === '' ? kind : type,
        ...(help === '' ? {} : { info: help }),
        boost: kind === 'field' ? 2 : kind === 'value' ? 1 : 0
      })),
      validFor: /^[A-Za-z0-9_]*$/
    }
  }

  private async describe(view: EditorView, at: number): Promise<Tooltip | null> {
    const { from, text } = view.state.doc.lineAt(at)
    const after = /^[A-Za-z0-9_]*/.exec(text.slice(at - from))?.[0] ?? ''
    const word = kWord.exec(text.slice(0, at - from + after.length))?.[0] ?? ''
    if (word === '') return null
    const end = at + after.length
    const found = await this.options.completions(view.state.doc.toString(), end).catch(() => [])
    const known = found.find((each) => each.label === word || each.label.startsWith(`${word}(`))
    if (known === undefined) return null
    const pos = end - word.length
    return { pos, end, above: true, create: () => ({ dom: documentation(known) }) }
  }
}

/**
 * What is typed over a selection is put in by the editor itself: a browser would keep the look of what it replaces in
 * inline styles, which the policy refuses.
 */
function typedOver(event: InputEvent, view: EditorView): boolean {
  const { main } = view.state.selection
  const { data } = event
  if (main.empty || event.inputType !== 'insertText' || data === null || event.isComposing || view.composing)
    return false
  event.preventDefault()
  const insert = (): Transaction => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type' })
  const handlers = view.state.facet(EditorView.inputHandler)
  if (!handlers.some((handle) => handle(view, main.from, main.to, data, insert))) view.dispatch(insert())
  return true
}

function documentation({ label, type, help }: Completion): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'cm-formula-doc'
  const head = document.createElement('strong')
  head.textContent = type === '' ? label : `${label}: ${type}`
  const body = document.createElement('div')
  body.textContent = help
  dom.append(head, body)
  return dom
}
