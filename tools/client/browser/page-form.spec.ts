import { describe, expect, it } from 'vitest';
import { fillIn, has, parseForms } from './page-form.ts';

const only = (html: string) => parseForms(html)[0]!;
const sent = (html: string, typed: Record<string, string> = {}, pressed?: string): string =>
  fillIn(only(html), typed, pressed).toString();

describe('a form of a page', () => {
  it('is not found in a comment or a script, nor outside its own end', () => {
    expect(parseForms('<!-- <form><input name="a"></form> --><script>"<form>"</script >')).toEqual([]);
    expect(sent('<form><input name="a" value="1"></form><input name="b" value="2">')).toBe('a=1');
  });

  it('keeps an unfinished comment, script or tag from ending the reading', () => {
    for (const html of ['<form><input name="a"><!-- ', '<form><script> <input name="a">', '<form><input name="a"'])
      expect(parseForms(html)).toHaveLength(1);
  });

  it('reads attributes however they are written, and decodes them', () => {
    const html = `<FORM METHOD = post ACTION='/a?b=1&amp;c=2'><input name=a value="&quot;&#39;&lt;&#x26;"><input name='b' value=x></FORM>`;
    expect(only(html)).toMatchObject({ method: 'post', action: '/a?b=1&c=2' });
    expect([...fillIn(only(html), {}, undefined)]).toEqual([
      ['a', `"'<&`],
      ['b', 'x'],
    ]);
  });

  it('leaves unticked boxes and other buttons out', () => {
    const html = `<form><input type=checkbox name=a value=1 checked><input type=checkbox name=a value=2>
      <input type=checkbox name=b checked><button id=yes name=say value=yes></button><button id=no name=say value=no></button>
      <input type=submit id=also name=say value=also><input type=reset name=r value=r></form>`;
    expect(sent(html, {}, 'yes')).toBe('a=1&b=on&say=yes');
    expect(sent(html, {}, 'also')).toBe('a=1&b=on&say=also');
    expect(sent(html)).toBe('a=1&b=on');
  });

  it('takes the ticked radio button of a group, else the first', () => {
    expect(sent('<form><input type=radio name=a value=1><input type=radio name=a value=2 checked></form>')).toBe('a=2');
    expect(sent('<form><input type=radio name=a value=1><input type=radio name=a value=2></form>')).toBe('a=1');
  });

  it('reads lists and texts', () => {
    expect(sent('<form><select name=a><option value=1>One<option value=2 selected>Two</select></form>')).toBe('a=2');
    expect(sent('<form><select name=a><option>One</option></select><textarea name=b>x &amp; y</textarea></form>')).toBe(
      'a=One&b=x+%26+y',
    );
  });

  it('types by id', () => {
    const html = '<form><input id=login name=user value=old><input id=password name=secret type=password></form>';
    expect(has(only(html), 'login')).toBe(true);
    expect(sent(html, { login: 'alice', password: 'a&b' })).toBe('user=alice&secret=a%26b');
  });

  it('is read in one pass, however a page is made', () => {
    for (const html of [
      '<'.repeat(500_000),
      '<!--'.repeat(200_000),
      '<input '.repeat(150_000),
      '<select>'.repeat(100_000),
      `<form>${'<input>'.repeat(100_000)}`,
    ]) {
      // Time of the processor, in microseconds: what else this machine does is not counted.
      const before = process.cpuUsage();
      parseForms(html);
      expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
    }
  });
});
