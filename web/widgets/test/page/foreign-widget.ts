// A widget of another package, as it runs in its frame. (Filled in with the sandbox.)
export {}
