// While a request is being written: after a pause, what may already answer it. Everything works without this file.
'use strict';
(() => {
  const pauseMs = 700;
  const least = 8;
  const place = document.querySelector('[data-suggest]');
  const field = document.querySelector('textarea[name="text"]');
  if (!(place instanceof HTMLElement) || !(field instanceof HTMLTextAreaElement)) return;
  const list = place.querySelector('ul');
  if (list === null) return;
  let asked = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | null} */
  let asking = null;

  /** @param {string} href @param {string} title @param {string} why */
  function toItem(href, title, why) {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = href;
    link.target = '_blank';
    link.textContent = title;
    const reason = document.createElement('span');
    reason.className = 'soft small';
    reason.textContent = ` ${why}`;
    item.append(link, reason);
    return item;
  }

  /** @param {string} text */
  async function ask(text) {
    asking?.abort();
    asking = new AbortController();
    const answer = await fetch(`/api/v1/records/suggestions?text=${encodeURIComponent(text.slice(0, 2000))}`, {
      signal: asking.signal,
    });
    if (!answer.ok) return;
    const { datasets } = await answer.json();
    /** @type {{ id: string, title: string, why: { text: string }[] }[]} */
    const found = datasets;
    list?.replaceChildren(
      ...found.map(({ id, title, why }) =>
        toItem(`/datasets/${encodeURIComponent(id)}`, title, why.map(({ text: words }) => words).join(' · ')),
      ),
    );
    if (place instanceof HTMLElement) place.hidden = found.length === 0;
  }

  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const text = field.value.trim();
      if (text.length < least || text === asked) return;
      asked = text;
      // A suggestion that does not come is no matter: the next page shows them all.
      ask(text).catch(() => undefined);
    }, pauseMs);
  });
})();
