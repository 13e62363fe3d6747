/** A command line that says nothing that could be done; told together with what could be said. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
