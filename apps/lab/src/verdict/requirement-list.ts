import { readFileSync } from 'node:fs';
import { z } from 'zod';

const place = z.strictObject({ file: z.string(), title: z.string() });

const requirement = z.strictObject({
  /** `PAR-02` */
  id: z.string(),
  text: z.string(),
  clauses: z.array(z.strictObject({ clause: z.string(), url: z.url() })),
  /** Who must hold it. */
  by: z.array(z.string()),
  /** `live` can be asked from outside; the others say why tests alone can tell. */
  how: z.enum(['live', 'clock', 'peer', 'key', 'inside']),
  /** Whether code and tests name it. */
  proven: z.boolean(),
  code: z.array(z.string()),
  tests: z.array(place),
});

const list = z.strictObject({
  sections: z.array(z.strictObject({ prefix: z.string(), title: z.string(), lines: z.array(requirement) })),
});

/** One checkable demand of the protocol, with the code that enforces it and the tests that prove it. */
export type Requirement = z.infer<typeof requirement>;
export type RequirementSection = z.infer<typeof list>['sections'][number];

// Written by `npm run traceability`. Beside src and dist alike, so the same relative path serves both.
const FILE = new URL('../../assets/requirements.json', import.meta.url);

/** Every demand there is, by section. The lab takes the list as it is: it has no code of the engine to look at. */
export function readRequirementList(file: URL = FILE): readonly RequirementSection[] {
  return list.parse(JSON.parse(readFileSync(file, 'utf8'))).sections;
}

/**
 * The part of the list that is meant by lines and sections: `PAR-02`, `TOK`. The whole for no name at all.
 * @throws Error for a name nobody has
 */
export function linesNamed(
  sections: readonly RequirementSection[],
  names: readonly string[],
): readonly RequirementSection[] {
  const wanted = names.map((name) => name.toUpperCase());
  const known = new Set(sections.flatMap(({ prefix, lines }) => [prefix, ...lines.map(({ id }) => id)]));
  const stranger = wanted.find((name) => !known.has(name));
  if (stranger !== undefined)
    throw new Error(
      `there is no requirement or section ${stranger}; sections are ${sections.map(({ prefix }) => prefix).join(', ')}`,
    );
  if (wanted.length === 0) return sections;
  return sections
    .map((section) => ({
      ...section,
      lines: section.lines.filter(({ id }) => wanted.includes(section.prefix) || wanted.includes(id)),
    }))
    .filter(({ lines }) => lines.length > 0);
}
