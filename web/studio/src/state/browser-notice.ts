// Notices of the browser, for who looks elsewhere: only where the person has said yes.
import { usePreferences } from '@weir/ui/preferences.ts'

/** Whether the browser can still be asked to tell. */
export function mayAsk(): boolean {
  if (typeof Notification === 'undefined' || Notification.permission === 'denied') return false
  const { notify, notifyDeclined } = usePreferences.getState()
  return !notify && !notifyDeclined
}

/** Whether the browser tells what it is given. */
export function mayNotify(): boolean {
  return typeof Notification !== 'undefined' && Notification.permission === 'granted'
}

/** Asks the person through the browser; what they said is kept. */
export async function askForNotices(): Promise<void> {
  const answer = typeof Notification === 'undefined' ? 'denied' : await Notification.requestPermission()
  usePreferences.getState().choose({ notify: answer === 'granted', notifyDeclined: answer !== 'granted' })
}

/** Tells of something; a `tag` that was told already is told anew in its place. */
export function browserNotice(title: string, body: string, tag: string): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return
  if (!usePreferences.getState().notify) return
  const notice = new Notification(title, { body, tag })
  notice.onclick = () => {
    window.focus()
    notice.close()
  }
}
