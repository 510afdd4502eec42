// Keeps what the page says about the delivery of a message fresh: fetches the page again and swaps
// the parts marked data-live, until the server no longer names an address in data-poll.
const FAST = 3000; // ms between looks in the first minute
const SLOW = 10000;
const LOOKS = 100; // then the person presses "Check again"

function swap(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    // A hidden page, a person who is just about to press something here: no change under the finger.
    if (!next || part.contains(document.activeElement)) continue;
    if (part.dataset.live === next.dataset.live && part.dataset.poll === next.dataset.poll) continue;
    part.replaceChildren(...next.childNodes);
    Object.assign(part.dataset, { live: next.dataset.live });
    if (next.dataset.poll === undefined) delete part.dataset.poll;
  }
  document.dispatchEvent(new Event("acsr:swapped"));
}

async function look(round) {
  const poll = document.querySelector("[data-poll]");
  if (!poll || round > LOOKS) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(poll.dataset.poll, { credentials: "same-origin" });
      // A redirect means that the page is over (another tab went on): leave it as it is.
      if (!answer.ok || answer.redirected) return;
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // No network for a moment: the next look may find it.
    }
  }
  setTimeout(look, round < 20 ? FAST : SLOW, round + 1);
}

setTimeout(look, FAST, 1);
