// Ticks the rules of a new password that a browser can judge, and shows or hides what is typed.
// The other rules (earlier, common and leaked passwords) are judged by the server.
const JUDGES = {
  upper: (text) => /\p{Lu}/u.test(text),
  lower: (text) => /\p{Ll}/u.test(text),
  digit: (text) => /\p{Nd}/u.test(text),
  special: (text) => /[^\p{L}\p{N}\p{M}\p{Z}\p{C}]/u.test(text),
};

function judge(code, text) {
  const length = /^length-(\d+)$/.exec(code);
  if (length) return [...text].length >= Number(length[1]);
  return JUDGES[code]?.(text) ?? false;
}

for (const list of document.querySelectorAll("[data-rules]")) {
  const input = document.querySelector(`[aria-describedby~="${list.id}"]`);
  const show = () => {
    for (const rule of list.querySelectorAll("[data-rule]")) {
      rule.classList.toggle("is-met", judge(rule.dataset.rule, input.value.normalize("NFC")));
    }
  };
  input?.addEventListener("input", show);
  if (input?.value) show();
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const words = { password: button.textContent, text: button.dataset.hide };
  const turn = (type) => {
    input.type = type;
    button.textContent = words[type];
    button.setAttribute("aria-pressed", String(type === "text"));
  };
  button.hidden = false;
  button.addEventListener("click", () => turn(input.type === "password" ? "text" : "password"));
  // Sent as a password, so that browsers offer to keep it and never remember it as plain text.
  input.form.addEventListener("submit", () => turn("password"));
}
