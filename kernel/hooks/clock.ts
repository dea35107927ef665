/** Where time comes from. A test brings one that it turns itself. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `ring` once, later. Gives the way to stop it. */
  after(ms: number, ring: () => void): () => void
}
