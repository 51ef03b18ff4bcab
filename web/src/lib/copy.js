// Copy buttons beside code samples, and the announcement that it worked. Everything reads and works without this file.
'use strict';
(() => {
  const live = document.createElement('div');
  live.className = 'sr-only';
  live.setAttribute('role', 'status');
  document.body.append(live);

  /** @param {HTMLButtonElement} button */
  function enable(button) {
    const label = button.innerHTML;
    const source = button.closest('[data-code]')?.querySelector('code');
    button.hidden = false;
    const copy = async () => {
      const copied = await navigator.clipboard.writeText(source?.textContent ?? '').then(
        () => true,
        () => false,
      );
      const said = (copied ? button.dataset.copied : button.dataset.failed) ?? '';
      live.textContent = said;
      button.textContent = said;
      setTimeout(() => {
        button.innerHTML = label;
        live.textContent = '';
      }, 4000);
    };
    button.addEventListener('click', () => void copy());
  }

  for (const button of document.querySelectorAll('[data-copy]')) {
    if (button instanceof HTMLButtonElement) enable(button);
  }
})();
