import { z } from 'zod';

/** The schema types through which a key path walks. */
type Schema = z.core.$ZodType;

/**
 * The keys an object of the configuration may have at this path; for an alternative, those of all its branches.
 * @param path as in a zod issue
 */
export function allowedKeys(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const here = path.reduce<Schema[]>(
    (schemas, key) => schemas.flatMap((each) => children(each, key)),
    branches(schema),
  );
  return [...new Set(here.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : [])))].sort();
}

/**
 * Paths of objects that would silently drop a key they do not know. A dropped key is a setting somebody believes in, so a
 * schema with such an object stops the boot.
 */
export function looseObjects(schema: Schema, path = '(top)', seen = new Set<Schema>()): readonly string[] {
  return branches(schema).flatMap((each) => {
    if (seen.has(each)) return [];
    seen.add(each);
    if (each instanceof z.ZodArray) return looseObjects(each.element, `${path}[]`, seen);
    if (each instanceof z.ZodRecord) return looseObjects(each.valueType, `${path}.*`, seen);
    if (!(each instanceof z.ZodObject)) return [];
    const own = each.def.catchall instanceof z.ZodNever ? [] : [path];
    const inner = Object.entries(each.shape).flatMap(([key, value]) =>
      looseObjects(value as Schema, `${path}.${key}`, seen),
    );
    return [...own, ...inner];
  });
}

function children(schema: Schema, key: PropertyKey): Schema[] {
  if (schema instanceof z.ZodArray) return branches(schema.element);
  if (schema instanceof z.ZodRecord) return branches(schema.valueType);
  const child: unknown = schema instanceof z.ZodObject ? schema.shape[String(key)] : undefined;
  return child === undefined ? [] : branches(child as Schema);
}

/** What stands behind wrappers and alternatives. */
function branches(schema: Schema): Schema[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => branches(option));
  if (schema instanceof z.ZodIntersection) return [schema.def.left, schema.def.right].flatMap((side) => branches(side));
  if (schema instanceof z.ZodPipe) return branches(schema.def.in);
  if (schema instanceof z.ZodLazy) return branches(schema.def.getter());
  const inner: unknown = (schema._zod.def as { innerType?: unknown }).innerType;
  return inner === undefined ? [schema] : branches(inner as Schema);
}
