// Types of what Vite takes as modules: styles.
/// <reference types="vite/client" />
