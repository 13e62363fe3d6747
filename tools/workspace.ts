import { resolve } from 'node:path';

/** The folder of the workspace: every path of the tools starts here, whatever folder they were called from. */
export const workspaceRoot = resolve(import.meta.dirname, '..');
