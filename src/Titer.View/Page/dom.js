// Elements from plain calls. Text is always a text node: what a plugin is called can be no markup.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @param {string} name tag, with classes behind dots: `td.num.low`
 * @param {Record<string, unknown> | null} attributes `on...` are listeners, `style` an object, `data` an object
 * @param {...(Child | Child[])} children
 * @returns {any} the element
 */
export function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  set(element, attributes);
  add(element, children);
  return element;
}

/** Replaces what an element holds. @param {Element} element @param {...(Child | Child[])} children */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

/** @param {any} element @param {Record<string, unknown> | null} attributes */
function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    // By the object model, which a strict policy allows; an attribute it would not.
    else if (key === 'style') for (const [name, text] of Object.entries(/** @type {object} */ (value))) element.style.setProperty(name, String(text));
    else if (key === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
}

/** @param {Element} element @param {unknown[]} children */
function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** A heading with an address of its own. @param {number} level @param {string} text @param {string=} id */
export function heading(level, text, id) {
  return el(`h${level}`, { id: id ?? text.toLowerCase().replace(/[^a-z0-9]+/g, '-') }, text);
}

/** Says something to whoever does not see the page. @param {string} text */
export function say(text) {
  const place = document.getElementById('said');
  if (place && place.textContent !== text) place.textContent = text;
}

/** Hands a file to the browser. @param {string} name @param {string | Blob} content @param {string} type */
export function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
