import { describe, expect, it } from 'vitest';
import { formWith, readableText, readForms, submission, textOf } from './html-form.ts';

const PAGE = `<!doctype html><html><body><!-- <form><input id="login"></form> -->
<form method="post" action="/consent?step=2">
  <input type="hidden" name="csrf" value="a&amp;b&#x3D;&quot;c&quot;">
  <input type="checkbox" name="account" value="acc-1" checked><input type=checkbox name=account value=acc-2>
  <input type="checkbox" name="account" value="acc-3" checked="">
  <input id="login" name="username" type="text"/>
  <button type="submit" id="consent-approve" name="decision" value="approve" class="x">Ja &amp; Amen</button>
  <button id='consent-deny' name='decision' value='deny'>No</button>
</form>
<form action="https://elsewhere.invalid/search"><input name="q"><input type="submit" id="go" name="go" value="Go"></form>
<p id="error-code">invalid_<b>request</b></p></body></html>`;
const URL_OF_PAGE = 'https://auth.localhost:9443/login?x=1';

describe('reading a form', () => {
  it('finds nothing in comments and nothing where there is nothing', () => {
    expect(readForms(PAGE, URL_OF_PAGE)).toHaveLength(2);
    expect(formWith(PAGE, URL_OF_PAGE, 'no-such-button')).toBeUndefined();
    expect(textOf(PAGE, 'no-such-id')).toBeUndefined();
  });

  it('knows where it goes and how', () => {
    expect(formWith(PAGE, URL_OF_PAGE, 'consent-approve')).toMatchObject({
      action: 'https://auth.localhost:9443/consent?step=2',
      method: 'POST',
    });
    expect(formWith(PAGE, URL_OF_PAGE, 'go')).toMatchObject({
      action: 'https://elsewhere.invalid/search',
      method: 'GET',
    });
  });

  it('submits hidden fields as found, checked boxes only, and the pressed button alone', () => {
    const form = formWith(PAGE, URL_OF_PAGE, 'consent-approve')!;
    expect(submission(form, new Map([['login', 'alice']]), 'consent-approve')).toEqual([
      ['csrf', 'a&b="c"'],
      ['account', 'acc-1'],
      ['account', 'acc-3'],
      ['username', 'alice'],
      ['decision', 'approve'],
    ]);
    expect(submission(form, new Map(), 'consent-deny')).toContainEqual(['decision', 'deny']);
  });

  it('reads texts with markup inside', () => {
    expect(textOf(PAGE, 'error-code')?.replace(/\s/g, '')).toBe('invalid_request');
    expect(readableText('<style>p{}</style><p>a</p>\n<p>&lt;b&gt;</p><script>x</script>')).toBe('a <b>');
  });
});
