// The script of a dedicated worker: bundle it, and give BrowserEngine what makes a worker of it.
import { EngineDesk } from './engine-desk.ts'

new EngineDesk(globalThis)
