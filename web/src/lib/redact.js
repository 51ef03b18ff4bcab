// Drawing boxes on a page: with the pointer, or with keys. Everything can be redacted without this file, line by line.
// A module without imports: its names are its own.

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
/**
 * @typedef {{ sheet: SVGSVGElement, list: HTMLElement, width: number, height: number, starter: HTMLButtonElement }}
 * Board
 */
/**
 * @typedef {{ box: Box, rect: SVGRectElement, item: HTMLLIElement, button: HTMLButtonElement, input: HTMLInputElement
 * }} Made
 */

const step = 4;
const least = 6;
/** @type {Readonly<Record<string, readonly [number, number]>>} */
const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };

/** @param {number} value @param {number} from @param {number} to */
function clamp(value, from, to) {
  return Math.min(Math.max(value, from), to);
}

/** @param {SVGSVGElement} sheet */
function newRect(sheet) {
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  rect.setAttribute('class', 'sheet__box sheet__box--new');
  sheet.append(rect);
  return rect;
}

/** @param {SVGRectElement} rect @param {Box} box */
function place(rect, { left, top, right, bottom }) {
  rect.setAttribute('x', String(left));
  rect.setAttribute('y', String(top));
  rect.setAttribute('width', String(right - left));
  rect.setAttribute('height', String(bottom - top));
}

/** @param {string} [text] */
function newButton(text = '') {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button button--quiet button--small';
  button.textContent = text;
  return button;
}

/** @param {Board} board @param {Made} made */
function show({ list }, made) {
  const { left, top, right, bottom } = made.box;
  const { page, version, box, keys } = list.dataset;
  place(made.rect, made.box);
  const numbers = [left, top, right, bottom].map((value) => Math.round(value * 10) / 10);
  made.input.value = [page, version, ...numbers].join(' ');
  made.button.textContent = `${box} ${numbers.map(Math.round).join(', ')} · ${keys}`;
}

/** @param {Board} board @param {Made} made */
function remove({ list, starter }, made) {
  made.rect.remove();
  made.item.remove();
  const last = list.querySelector('li:last-child button');
  if (last instanceof HTMLElement) last.focus();
  else starter.focus();
}

/** @param {Board} board @param {Made} made @param {KeyboardEvent} event */
function onKey(board, made, event) {
  if (event.key === 'Delete' || event.key === 'Backspace') {
    event.preventDefault();
    remove(board, made);
    return;
  }
  const move = moves[event.key];
  if (move === undefined) return;
  event.preventDefault();
  const { left, top, right, bottom } = made.box;
  const { width, height } = board;
  if (event.shiftKey) {
    const [wide, high] = [clamp(right + move[0], left + least, width), clamp(bottom + move[1], top + least, height)];
    made.box = { left, top, right: wide, bottom: high };
  } else {
    const [x, y] = [clamp(move[0], -left, width - right), clamp(move[1], -top, height - bottom)];
    made.box = { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
  }
  show(board, made);
}

/** @param {Board} board @param {Box} box */
function add(board, box) {
  const item = document.createElement('li');
  const button = newButton();
  const input = document.createElement('input');
  input.type = 'hidden';
  input.name = 'drawn';
  item.append(button, input);
  board.list.append(item);
  const made = { box, rect: newRect(board.sheet), item, button, input };
  show(board, made);
  button.addEventListener('keydown', (event) => onKey(board, made, event));
  button.focus({ preventScroll: true });
}

/** @param {Board} board @param {PointerEvent} event */
function at({ sheet, width, height }, event) {
  const seen = sheet.getBoundingClientRect();
  return {
    x: clamp(((event.clientX - seen.left) / seen.width) * width, 0, width),
    y: clamp(((event.clientY - seen.top) / seen.height) * height, 0, height),
  };
}

/** @param {Board} board @param {PointerEvent} event */
function draw(board, event) {
  if (event.button !== 0) return;
  event.preventDefault();
  const { sheet } = board;
  const from = at(board, event);
  const rect = newRect(sheet);
  sheet.setPointerCapture(event.pointerId);
  /** @param {PointerEvent} next @returns {Box} */
  function boxTo(next) {
    const to = at(board, next);
    const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    return { left, right, top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) };
  }
  /** @param {PointerEvent} next */
  function move(next) {
    place(rect, boxTo(next));
  }
  /** @param {PointerEvent} last */
  function end(last) {
    sheet.removeEventListener('pointermove', move);
    sheet.removeEventListener('pointerup', end);
    sheet.removeEventListener('pointercancel', end);
    rect.remove();
    const box = boxTo(last);
    if (last.type === 'pointerup' && box.right - box.left >= least && box.bottom - box.top >= least) add(board, box);
  }
  sheet.addEventListener('pointermove', move);
  sheet.addEventListener('pointerup', end);
  sheet.addEventListener('pointercancel', end);
}

/** @param {SVGSVGElement} sheet @param {HTMLElement} list */
function begin(sheet, list) {
  const { width, height } = sheet.viewBox.baseVal;
  const starter = newButton(list.dataset['add']);
  const board = { sheet, list, width, height, starter };
  starter.addEventListener('click', () => {
    add(board, { left: width * 0.3, top: height * 0.45, right: width * 0.7, bottom: height * 0.5 });
  });
  list.before(starter);
  sheet.classList.add('sheet--draw');
  sheet.addEventListener('pointerdown', (event) => draw(board, event));
}

const sheet = document.querySelector('[data-sheet]');
const list = document.querySelector('[data-drawn]');
if (sheet instanceof SVGSVGElement && list instanceof HTMLElement) begin(sheet, list);
