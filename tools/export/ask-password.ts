import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { PlatformTrouble } from '../platform/trouble.ts';
import { SHORTEST_PASSWORD } from './export-identity.ts';

/** Where a person types and reads. */
export interface Console {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person for a password, twice, and shows nothing of it.
 * @throws PlatformTrouble when there is nobody to ask, when it is too short, or when the two differ
 */
export async function askPassword({ input, output }: Console): Promise<string> {
  if (input.isTTY !== true)
    throw new PlatformTrouble('there is no terminal to ask for a password', 'Leave --ask out: a random one is made.');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const answer = await lines.question('');
    output.write('\n');
    return answer;
  };
  try {
    const password = await ask(`Password, ${SHORTEST_PASSWORD} characters at least: `);
    if (password.length < SHORTEST_PASSWORD)
      throw new PlatformTrouble(`the password is shorter than ${SHORTEST_PASSWORD} characters`, 'Take a longer one.');
    if ((await ask('The same again: ')) !== password)
      throw new PlatformTrouble('the two passwords are not the same', 'Try again.');
    return password;
  } finally {
    lines.close();
  }
}
