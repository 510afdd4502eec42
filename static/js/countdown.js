// Says how long a time under a field still holds. Text only: spoken at two minutes and at the end.
const SPOKEN_AT = 120; // seconds before the end
const SECONDS_FROM = 60; // below this, seconds are shown
const MINUTES_FROM = 7200; // above this the date says it better than any number of minutes

function words(data, left) {
  if (left >= 2 * SECONDS_FROM) return data.minutes.replace("%n", Math.floor(left / 60));
  if (left >= SECONDS_FROM) return data.minute;
  return data.seconds.replace("%n", left);
}

function start(element) {
  const data = element.dataset;
  // The server's clock counts, not the reader's.
  const ahead = Date.parse(data.now) - Date.now();
  const said = element.parentElement.querySelector("[data-said]");
  let before = Infinity;
  const tick = () => {
    // Replaced by a later answer (delivery.js): that one counts now.
    if (!element.isConnected) return;
    const left = Math.ceil((Date.parse(data.countdown) - Date.now() - ahead) / 1000);
    if (left <= 0) {
      element.textContent = data.over;
      if (said && before !== Infinity) said.textContent = data.over;
      return;
    }
    const text = words(data, left);
    element.querySelector("[data-left]").textContent = left > MINUTES_FROM ? "" : `, ${text}`;
    if (said && left <= SPOKEN_AT && before > SPOKEN_AT && before !== Infinity) said.textContent = text;
    before = left;
    setTimeout(tick, 1000);
  };
  tick();
}

function rest(button) {
  const words = button.textContent;
  const ahead = Date.parse(button.dataset.now) - Date.now();
  const tick = () => {
    const left = Math.ceil((Date.parse(button.dataset.restUntil) - Date.now() - ahead) / 1000);
    const isResting = left > 0;
    button.textContent = isResting ? button.dataset.resting.replace("%n", left) : words;
    button.toggleAttribute("aria-disabled", false);
    if (isResting) {
      button.setAttribute("aria-disabled", "true");
      setTimeout(tick, 1000);
    }
  };
  // Stays focusable; pressed too early it does nothing. The server would refuse as well.
  button.addEventListener("click", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  });
  tick();
}

function startAll() {
  document.querySelectorAll("[data-countdown]:not([data-started])").forEach((element) => {
    element.dataset.started = "1";
    start(element);
  });
  document.querySelectorAll("[data-rest-until]:not([data-started])").forEach((button) => {
    button.dataset.started = "1";
    rest(button);
  });
}

document.addEventListener("acsr:swapped", startAll);
startAll();
