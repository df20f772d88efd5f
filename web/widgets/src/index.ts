// @weir/widgets: widgets that draw what flows, for pages with or without React.
export * from './core.ts'
