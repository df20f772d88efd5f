// Numbers that gestures share.

/** Pixels that a pointer moves before a press becomes a drag. */
export const kDragSlop = 4
/** Of so many chosen things only their number is compared. */
export const kMarqueeMost = 2000
/** Neighbours that a drag is aligned with, at most. */
export const kMostNeighbours = 200
/** Pixels within which things snap. */
export const kSnapReach = 6
/** Pixels from its end within which an edge is taken up by that end. */
export const kEndReach = 28
export const kLongPressMs = 500
/** A tap on Space that is longer than this was no tap. */
export const kTapMs = 350
