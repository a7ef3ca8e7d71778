// Elements of a page.

/** Create an element with attributes and children (nodes or texts). */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Replace an element's text unless it is the same: screen readers would read it out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
