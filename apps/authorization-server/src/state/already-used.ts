/** Raised inside a transaction to leave it without writing anything. */
export class AlreadyUsed extends Error {}

/** Whether the work was done; false when it left with {@link AlreadyUsed}. */
export async function unlessUsed(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof AlreadyUsed) return false;
    throw error;
  }
}
