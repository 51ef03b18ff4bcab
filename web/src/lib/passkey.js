// Passkeys in the browser: the buttons show themselves where passkeys work. Password and code work without this file.
'use strict';
(() => {
  const offered =
    typeof PublicKeyCredential === 'function' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    'toJSON' in PublicKeyCredential.prototype;

  /**
   * @param {string} path
   * @param {unknown} body
   */
  async function send(path, body) {
    const response = await fetch(`/api/v1/people/passkeys${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail ?? answer.title);
    return answer;
  }

  /** @param {FormData} form */
  async function add(form) {
    const options = await send('/begin', { password: String(form.get('password') ?? '') });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const made = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.create({ publicKey }));
    if (made === null) return null;
    return send('', { response: made.toJSON(), name: String(form.get('name') ?? '') });
  }

  /** @param {FormData} form */
  async function signIn(form) {
    const options = await send('/sign-in/begin', {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const found = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.get({ publicKey }));
    if (found === null) return null;
    return send('/sign-in', { response: found.toJSON(), next: String(form.get('next') ?? '') });
  }

  /** @param {HTMLFormElement} form */
  function enable(form) {
    const told = form.querySelector('[data-passkey-told]');
    form.hidden = false;
    const ask = async () => {
      if (told !== null) told.textContent = '';
      try {
        const done = await (form.dataset.passkey === 'add' ? add : signIn)(new FormData(form));
        if (done !== null) location.assign(done.next);
      } catch (error) {
        // A person who closes the browser's own window has said no, and knows it.
        const isChoice = error instanceof DOMException && error.name === 'NotAllowedError';
        const said = error instanceof Error && !(error instanceof DOMException) ? error.message : '';
        if (told !== null)
          told.textContent = isChoice ? (form.dataset.stopped ?? '') : said || (form.dataset.failed ?? '');
      }
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void ask();
    });
  }

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    if (offered && form instanceof HTMLFormElement) enable(form);
  }
})();
