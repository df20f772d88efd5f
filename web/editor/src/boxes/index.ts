// Boxes and flows as nodes, as other parts of the editor use them.
export { removeBox, setCollapsed, toggleChosenBoxes, toggleCollapsed } from './box-actions.ts'
export { Breadcrumbs } from './breadcrumbs.tsx'
export { flowOfType, kOwnCategory, typeIdOfFlow, typeOfFlow } from './flow-type.ts'
export { boxesAround, boxName, goInto, goUp, nodesInBox } from './inside.ts'
export { NodeOfThis, NodeOfThisDialog } from './node-of-this.tsx'
export { goOut, openSelected, openThing } from './open-thing.ts'
export { askForNode, makeNode, putNodeInPlace, takeNewestVersion } from './own-node-actions.ts'
export { enterOwnNodes, OwnNodes, ownNodesOf, usedFlows } from './own-nodes.ts'
