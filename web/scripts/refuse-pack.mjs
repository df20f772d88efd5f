// Run by npm before it packs the folder of a workspace, which is not the package: that is what `npm run build` makes.
console.error('This folder is the source. Pack what is built from it: npm run build && npm pack ./dist')
process.exit(1)
