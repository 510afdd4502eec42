// Tells the server the reader's time zone, so that every time on a page is theirs.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const year = 365 * 24 * 60 * 60; // seconds
  document.cookie = `acsr_zone=${zone}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
}
