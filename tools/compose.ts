/** The words in front of a command of Compose, for the platform in containers: COMPOSE_FILE, where set, says which is meant. */
export const composeCommand = (...words: readonly string[]): readonly string[] => [
  'docker',
  'compose',
  ...(process.env.COMPOSE_FILE === undefined ? ['-f', 'infra/compose/compose.yaml'] : []),
  ...words,
];
