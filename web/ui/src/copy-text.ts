// Copies a text: by the clipboard of the page, or by a selection where a site without TLS is given none.

/** In a click only. @throws where the browser refuses both ways */
export async function toClipboard(text: string): Promise<void> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard
  if (clipboard !== undefined) {
    await clipboard.writeText(text)
    return
  }
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('aria-hidden', 'true')
  field.style.position = 'fixed'
  field.style.opacity = '0'
  const before = document.activeElement
  document.body.append(field)
  field.select()
  // The newer way is for pages by https alone; this one is everywhere.
  const copied = (document as { execCommand?: (command: string) => boolean }).execCommand?.('copy') ?? false
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  if (!copied) throw new Error('the browser lets this page copy nothing: open it by https')
}
