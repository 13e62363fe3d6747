import type { WeakRequest, WeakResponse } from './weak-server.ts';

/**
 * The login page of the weak authorization servers. What is asked for is carried through the page in hidden fields, so
 * whoever can edit an address bar or a form decides what is granted.
 */
export function loginPage(request: WeakRequest): WeakResponse {
  const carried = [...request.parameters].map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  const wanted = escape(request.parameters.get('scope') ?? 'nothing in particular');
  return {
    status: 200,
    body: `<!doctype html><title>Log in</title><p>${escape(request.parameters.get('client_id') ?? '')} asks for:
      <strong id="wanted">${wanted}</strong></p>
      <form method="post" action="${request.path}">${carried.join('')}
      <input id="login" name="login"><input id="password" name="password" type="password">
      <button id="submit-login">Log in and allow</button></form>`,
  };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
