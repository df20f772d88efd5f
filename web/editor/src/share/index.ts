// A flow as a form: the page for people who never see the canvas.
export { FormPage } from './form-page.tsx'
export type { FormPageProps } from './form-page.tsx'
