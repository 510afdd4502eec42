// One key instead of a way with the mouse: what has data-key="n" is pressed by n.
// Never while somebody types, never with Ctrl, Alt or Meta, and it can be turned off (WCAG 2.1.4).
const OFF = "staff-keys-off";
const TYPED = "input:not([type=radio], [type=checkbox], [type=submit]), textarea, select";

const isOff = () => localStorage.getItem(OFF) === "1";

document.addEventListener("keydown", (event) => {
  if (isOff() || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest(`${TYPED}, [contenteditable]`)) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  wanted.click();
});

for (const line of document.querySelectorAll("[data-keys]")) {
  const button = line.querySelector("[data-keys-switch]");
  const say = () => { button.textContent = isOff() ? button.dataset.on : button.dataset.off; };
  button.addEventListener("click", () => {
    localStorage.setItem(OFF, isOff() ? "0" : "1");
    say();
  });
  say();
  line.hidden = false;
}
