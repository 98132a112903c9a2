/* Comfort on top of pages that work without it: theme, dialogs, menus, toasts, copy, keys, charts. */

const TOAST_STAYS = 6000;
const LASTING_TOAST_STAYS = 20000;
const YEAR = 60 * 60 * 24 * 365;

const root = document.documentElement;

// --- theme: an attribute now, a cookie for the next page ---

function chooseTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
}

/* The form around the button keeps the choice with the person; the page need not wait for it. */
function keepTheme(button) {
  if (!button.form) return;
  fetch(button.form.action, { method: "POST", body: new FormData(button.form, button), redirect: "manual" });
}

// --- clicks, delegated once for the whole page ---

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.getAttribute("aria-label");
  button.setAttribute("aria-label", button.dataset.copied ?? before);
  button.toggleAttribute("data-done", true);
  setTimeout(() => {
    button.setAttribute("aria-label", before);
    button.toggleAttribute("data-done", false);
  }, 1500);
}

document.addEventListener("click", (event) => {
  const themeButton = event.target.closest("button[data-theme-choice]");
  if (themeButton) {
    event.preventDefault();
    chooseTheme(themeButton.dataset.themeChoice);
    keepTheme(themeButton);
  }

  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
  }

  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog[open]")) event.target.close(); // the backdrop
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();

  if (event.target.closest("[data-prints]")) print();

  const copyButton = event.target.closest("[data-copy]");
  if (copyButton) copy(copyButton);

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-theme-choice]")) chooseTheme(event.target.dataset.themeChoice);
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// --- ticked rows: how many, and what they come to ---

function tellChosen() {
  const told = document.querySelector("output[data-chosen]");
  if (!told) return;
  if (document.querySelector('input[name="everything"]')?.checked) {
    told.textContent = told.dataset.everything;
    return;
  }
  const chosen = document.querySelectorAll('input[name="row"]:checked');
  const cents = new Map();
  for (const { dataset } of chosen) {
    cents.set(dataset.currency, (cents.get(dataset.currency) ?? 0) + Math.round(dataset.amount * 100));
  }
  const sums = [...cents].map(([currency, sum]) =>
    new Intl.NumberFormat(root.lang, { style: "currency", currency }).format(sum / 100).replace("-", "\u2212"),
  );
  told.textContent = [`${told.dataset.chosen} ${chosen.length}`, ...sums].join(" · ");
}

document.addEventListener("change", (event) => {
  if (event.target.matches('input[name="row"], input[name="everything"]')) tellChosen();
});
document.addEventListener("reset", () => setTimeout(tellChosen)); // the ticks go after the event

// --- keys ---

function typing(target) {
  const field = target.closest("input, select, textarea, [contenteditable], dialog[open]");
  return field !== null && field.type !== "checkbox";
}

/* Single keys can be switched off on a device: speech input types them by accident. */
const keysAreOff = () => localStorage.getItem("keys") === "off";

function row(step) {
  const titles = [...document.querySelectorAll(".operation a.row-title")];
  const here = titles.indexOf(inRow("a.row-title"));
  return titles[Math.max(0, Math.min(titles.length - 1, here + step))];
}

const inRow = (selector) => document.activeElement?.closest(".operation")?.querySelector(selector);

/* What a key is about, and what it does with it; a key without its object is left to the browser. */
const KEYS = {
  "/": [() => document.querySelector("[data-search]"), (field) => (field.focus(), field.select())],
  "?": [() => document.getElementById("keys"), (dialog) => dialog.showModal()],
  j: [() => row(1), (title) => title.focus()],
  k: [() => row(-1), (title) => title.focus()],
  x: [() => inRow('input[name="row"]'), (box) => box.click()],
  c: [() => inRow(".category-button"), (button) => button.click()],
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (keysAreOff() || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const [find, act] = KEYS[event.key] ?? [];
  const found = find?.();
  if (!found) return;
  event.preventDefault();
  act(found);
});

for (const box of document.querySelectorAll("[data-keys-switch]")) {
  box.checked = !keysAreOff();
  box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
}

// --- drawer: on a wide screen a row opens beside its list, under its own address ---

const drawer = document.getElementById("drawer");
const wide = matchMedia("(width >= 900px)");
let goingBack = false;

async function openInDrawer(link) {
  const body = document.getElementById("drawer-body");
  body.replaceChildren();
  await window.htmx.ajax("GET", link.href, { source: link, target: body, swap: "innerHTML", push: "false" });
  if (!body.childElementCount) return location.assign(link.href); // refused or unreachable: let the page say so
  history.pushState({ drawer: true }, "", link.href);
  drawer.showModal();
  drawer.scrollTop = 0;
}

if (drawer) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".operation a.row-title");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || !wide.matches || drawer.contains(link)) return;
    event.preventDefault();
    openInDrawer(link);
  });

  drawer.addEventListener("close", () => {
    goingBack = Boolean(history.state?.drawer);
    if (goingBack) history.back();
  });

  // The list is still there, so htmx need not bring it again.
  addEventListener("popstate", (event) => {
    if (drawer.open || goingBack) event.stopImmediatePropagation();
    else if (event.state?.drawer) location.reload();
    goingBack = false;
    drawer.close();
  });
}

// --- toasts leave by themselves, unless someone is reading them; failures stay ---

function watchToast(toast) {
  if (toast.dataset.level === "error") return;
  const stays = "lasting" in toast.dataset ? LASTING_TOAST_STAYS : TOAST_STAYS;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, stays) : toast.remove());
  setTimeout(leave, stays);
}

const toasts = document.getElementById("toasts");
if (toasts) {
  toasts.querySelectorAll(".toast").forEach(watchToast);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.matches?.(".toast")) watchToast(node);
    }
  }).observe(toasts, { childList: true });
}

// --- charts: the pointer and the arrow keys read the table's rows out ---

function watchChart(figure) {
  const plot = figure.querySelector(".chart-plot");
  const readout = figure.querySelector(".chart-readout");
  const [line, dot] = figure.querySelector(".chart-cursor").children;
  const rows = [...figure.querySelectorAll("tr[data-x]")];
  const resting = readout.textContent;
  let index = rows.length - 1;

  function read(next) {
    index = Math.max(0, Math.min(rows.length - 1, next));
    const { x, y } = rows[index].dataset;
    line.setAttribute("x1", `${x}%`);
    line.setAttribute("x2", `${x}%`);
    dot.setAttribute("cx", `${x}%`);
    dot.setAttribute("cy", y);
    readout.textContent = [...rows[index].cells].map((cell) => cell.textContent).join(": ");
    figure.dataset.reading = "";
  }

  function rest() {
    delete figure.dataset.reading;
    readout.textContent = resting;
    index = rows.length - 1;
  }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width) * 100;
    const distances = rows.map((row) => Math.abs(row.dataset.x - share));
    read(distances.indexOf(Math.min(...distances)));
  });
  plot.addEventListener("pointerleave", rest);
  plot.addEventListener("blur", rest);
  plot.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: rows.length - 1 };
    if (event.key in steps) {
      event.preventDefault();
      read(steps[event.key]);
    }
  });
}

// The slot of a column chart under the pointer or the focus is read out; without a script its title is.
function watchColumns(figure) {
  const readout = figure.querySelector(".chart-readout");
  const resting = readout?.textContent;
  const read = ({ target }) => {
    const slot = target.closest(".chart-slot");
    if (slot) readout.textContent = slot.getAttribute("aria-label");
  };
  const rest = () => {
    readout.textContent = resting;
  };
  const plot = figure.querySelector(".chart-plot");
  for (const event of ["pointerover", "focusin"]) plot?.addEventListener(event, read);
  for (const event of ["pointerleave", "focusout"]) plot?.addEventListener(event, rest);
}

// --- countdowns: the page says until when; here the time left, and at its end a look at how things stand ---

function timeLeft(words, seconds) {
  if (seconds >= 5400) return words.hours.replace("{n}", Math.round(seconds / 3600));
  if (seconds >= 90) return words.minutes.replace("{n}", Math.round(seconds / 60));
  return words.seconds.replace("{n}", seconds);
}

function watchCountdown(timer) {
  const ends = Date.now() + timer.dataset.countdown * 1000; // seconds, for clocks differ
  const ticking = setInterval(() => tell(), 1000);

  function tell() {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left <= 0 || !timer.isConnected) clearInterval(ticking);
    if (left > 0) timer.textContent = timeLeft(timer.dataset, left);
    else if (timer.closest("[hx-trigger]")) timer.dispatchEvent(new Event("over", { bubbles: true }));
    else if (timer.isConnected) location.reload();
  }

  tell();
}

// --- fragments: what came in is watched, and focus is not lost with what went out ---

function awaken(element) {
  for (const figure of element.querySelectorAll("[data-chart]:not([data-watched])")) {
    figure.dataset.watched = "";
    watchChart(figure);
  }
  for (const timer of element.querySelectorAll("[data-countdown]:not([data-watched])")) {
    timer.dataset.watched = "";
    watchCountdown(timer);
  }
  for (const figure of element.querySelectorAll("[data-columns]:not([data-watched])")) {
    figure.dataset.watched = "";
    watchColumns(figure);
  }
}

let beforeMore = null; // the last element before "show more", which the next rows replace

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "more") beforeMore = detail.target.previousElementSibling;
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  awaken(target);
  const wanted = target.matches("[data-focus]") ? target : target.querySelector("[data-focus]");
  const firstNewRow = beforeMore?.nextElementSibling?.querySelector("a.row-title");
  beforeMore = null;
  if (document.activeElement === document.body) (wanted ?? firstNewRow)?.focus({ preventScroll: true });
});

awaken(document);
