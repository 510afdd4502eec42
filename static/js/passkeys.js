// What the passkey library's own scripts need around them: our words, and where to go afterwards.
// It runs before them, as the module above them on the page.
const { words } = JSON.parse(document.getElementById("otp_webauthn_config").textContent);

globalThis.gettext = (text) => words[text] ?? text;

document.addEventListener("otp_webauthn.register_complete", ({ detail }) => {
  location.assign(detail.response.redirect_url);
});

// The library drops what we answered when it is no; the person should read why.
document.addEventListener("otp_webauthn.register_failed", async ({ detail }) => {
  const isOurs = detail.response?.headers.get("content-type")?.includes("application/json");
  if (!isOurs || detail.response.bodyUsed) return;
  const { detail: reason } = await detail.response.json();
  if (reason) document.getElementById("passkey-register-status-message").textContent = reason;
});

// The library sends nothing of the form beside its button: whether to keep the person signed in
// goes along in a cookie for that one address.
const keep = document.getElementById("id_keep");
if (keep) {
  const note = () => {
    const secure = location.protocol === "https:" ? "; secure" : "";
    const life = keep.checked ? 600 : 0;
    document.cookie = `acsr_keep=1; path=/sign-in/passkey/; max-age=${life}; samesite=strict${secure}`;
  };
  keep.addEventListener("change", note);
  note();
}
