import type { Child } from 'hono/jsx';
import type { PageContext } from './page-context.ts';

export interface PostFormProps {
  readonly page: PageContext;
  readonly action: string;
  readonly class?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly children: Child;
}

/** The only way a page of ours makes a POST form: the token that proves where it came from cannot be forgotten. */
export function PostForm({ page, action, class: className, fields = {}, children }: PostFormProps) {
  if (page.csrf === undefined) return null;
  return (
    <form method="post" action={action} class={className}>
      <input type="hidden" name="csrf" value={page.csrf} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}
