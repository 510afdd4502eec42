// Shows new messages and current app codes of the demo without a reload: the page itself is
// fetched again, so there is no second way to draw a message.
const PAUSE = 2000; // milliseconds

function newest(root) {
  return root.querySelector("[data-letter]")?.dataset.letter ?? "";
}

function isInUse(part) {
  const marked = window.getSelection();
  const isMarked = !marked.isCollapsed && part.contains(marked.anchorNode);
  return isMarked || part.contains(document.activeElement);
}

function swap(selector, fresh) {
  const old = document.querySelector(selector);
  const next = fresh.querySelector(selector);
  // Left alone when equal or in use, so that focus and marked text are not lost.
  if (!old || !next || old.innerHTML === next.innerHTML || isInUse(old)) return;
  old.replaceWith(next);
}

async function refresh() {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const said = document.querySelector("[data-mailbox-said]");
  const isNew = newest(fresh) !== newest(document);
  swap("[data-mailbox]", fresh);
  swap("[data-people]", fresh);
  if (said && isNew) said.textContent = said.dataset.new;
}

async function keepFresh() {
  try {
    if (document.visibilityState === "visible") await refresh();
  } catch {
    // The portal is being restarted; the next round finds it again.
  }
  window.setTimeout(keepFresh, PAUSE);
}

window.setTimeout(keepFresh, PAUSE);
