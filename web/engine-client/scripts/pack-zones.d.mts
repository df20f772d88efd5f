// Types of pack-zones.mjs.
export declare function packZones(folder?: string): Buffer<ArrayBuffer>
