/** How old knowledge of the authorities may be, and theirs of a process, in milliseconds. Every number is our choice, no clause. */
export const TRUST_FRESHNESS = Object.freeze({
  /** The authority says at least this often that nothing has changed. */
  heartbeatMs: 1_000,
  /** After so much silence a process asks for no more work: its readiness is red. */
  redAfterMs: 5_000,
  /** After so much silence nobody's status is known any more, and everybody is refused. */
  graceMs: 60_000,
  /** A process tells the authority at least this often that it is still there; silent for the grace, it is waited for no more. */
  presentMs: 15_000,
  /** A process that ends does not wait for longer until the authority has heard of it. */
  leaveMs: 500,
  /** How often the folder is looked at where no authority is followed. */
  folderMs: 500,
});
