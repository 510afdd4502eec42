// After a form was sent, focus goes to what matters on the next page: the error summary, else
// what the address points to, else the h1. A page that is opened by a link keeps the browser's own
// start.
const KEY = "acsr-sent";

document.addEventListener("submit", () => {
  sessionStorage.setItem(KEY, "1");
  // The fragment of the skip link would come along, and a browser that goes to it focuses nothing.
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
});

const summary = document.querySelector("[data-focus]");
// An answer may lead to a part of a page; the browser itself goes there after this.
const heading = document.getElementById(location.hash.slice(1)) ?? document.querySelector("h1");
const wasSent = sessionStorage.getItem(KEY);
sessionStorage.removeItem(KEY);

if (summary) {
  // Browsers that know autofocus on any element have done it, without script too.
  if (!("autofocus" in HTMLElement.prototype)) summary.focus();
} else if (wasSent && heading && !document.querySelector("main [autofocus]")) {
  heading.tabIndex = -1;
  heading.focus();
}

// A second press while the first is under way would only be refused; the words stay.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sending;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
