// Puts what stands in another element on the clipboard, as one word, and says so on the button.
const SAID_FOR = 4000; // ms

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  // No clipboard outside https and this machine: the text can still be marked by hand.
  button.hidden = !navigator.clipboard;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text.replace(/\s/g, ""));
    } catch {
      return; // The browser was told not to.
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, SAID_FOR);
  });
}
