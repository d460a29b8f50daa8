// Keys of the page; Streamlit keeps C and R. They rest while something else wants the key.

const WANTS_KEYS = "input, textarea, select, [contenteditable=''], [contenteditable=true], [role=slider], [role=combobox], [role=listbox], [role=tab], [role=radio], [role=menuitem], [role=spinbutton]";
const WANTS_SPACE = "button, a, summary, [role=button], [role=switch], [role=checkbox], .data";

/**
 * Calls `actions[key]` for keys pressed on the document, which leaves a key to others with false; returns a
 * function that stops it.
 * @param {Element} root
 * @param {Record<string, () => unknown>} actions
 */
export function shortcuts(root, actions) {
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = actions[key];
    const [target] = event.composedPath();
    if (!action || !root.isConnected || !(target instanceof Element || target === document)) return;
    if (target instanceof Element) {
      if (target.closest(WANTS_KEYS)) return;
      if (key === " " && target.closest(WANTS_SPACE)) return;
    }
    if (action() !== false) event.preventDefault();
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
