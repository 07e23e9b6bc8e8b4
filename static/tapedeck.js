/* What the pages do by themselves: ages, polling, the dialog, toasts, dependent options. No inline code. */
"use strict";

(() => {
  const body = document.body;
  Idiomorph.defaults.ignoreActiveValue = true;
  // What somebody unfolded stays so when its region is drawn anew.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "open" && element.matches("details"));

  // Ages and clocks go on by themselves; dashboard/ages.py writes the same words.
  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

  function ageText(seconds) {
    const span = Math.floor(Math.abs(seconds));
    if (span === 0) return "now";
    const [size, unit] = UNITS.find(([size]) => span >= size);
    const text = `${Math.floor(span / size)} ${unit}`;
    return seconds < 0 ? `in ${text}` : `${text} ago`;
  }

  function clockText(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  function tick() {
    if (document.hidden) return;
    for (const time of document.querySelectorAll("time[data-age], time[data-running]")) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const text = "age" in time.dataset ? ageText(seconds) : clockText(seconds);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  setInterval(tick, 1000);
  body.addEventListener("htmx:afterSettle", tick);

  // A page that nobody sees does not poll; it catches up when it is seen again.
  body.addEventListener("htmx:beforeRequest", (event) => {
    const isPoll = event.target.hasAttribute("data-poll") && !event.detail.requestConfig.triggeringEvent;
    if (document.hidden && isPoll) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) htmx.trigger(body, "tapedeck-changed");
  });

  // Nothing under the pointer, nor what has the focus, moves when rows come and go above it.
  let held = null;

  function heldRow(region) {
    const row = region.querySelector("[data-hold]:hover") ?? document.activeElement?.closest("[data-hold]");
    return row?.id && region.contains(row) ? row : null;
  }

  // Nor is a press lost: what is polled while a button is down is left out, and the next poll brings it.
  let isPressed = false;
  for (const name of ["pointerdown", "pointerup", "pointercancel"]) {
    document.addEventListener(name, () => (isPressed = name === "pointerdown"), true);
  }

  body.addEventListener("htmx:beforeSwap", (event) => {
    const region = event.detail.target;
    if (!region?.hasAttribute?.("data-poll")) return;
    if (isPressed) event.detail.shouldSwap = false;
    const row = heldRow(region);
    held = row && { id: row.id, top: row.getBoundingClientRect().top };
  });
  body.addEventListener("htmx:afterSwap", () => {
    const row = held && document.getElementById(held.id);
    if (row) keepInPlace(row, held.top);
    held = null;
  });

  // Where the page cannot scroll far enough, room is lent above or below until the pointer has gone.
  const main = document.getElementById("main");
  const lentAbove = () => parseFloat(main.style.marginTop) || 0;

  function keepInPlace(row, top) {
    const moved = () => row.getBoundingClientRect().top - top;
    main.style.marginTop = `${Math.max(0, lentAbove() - Math.max(0, moved()))}px`;
    scrollBy({ top: moved(), behavior: "instant" });
    if (moved() <= -1) main.style.marginTop = `${lentAbove() - moved()}px`;
    if (moved() >= 1) {
      body.style.minHeight = `${document.documentElement.scrollHeight + moved()}px`;
      scrollBy({ top: moved(), behavior: "instant" });
    }
  }
  document.addEventListener("pointerover", (event) => {
    if (!event.target.closest?.("[data-hold]")) main.style.marginTop = body.style.minHeight = "";
  });

  // The one dialog of the page: what is swapped into it opens it.
  const dialog = document.getElementById("dialog");
  const dialogBody = document.getElementById("dialog-body");

  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialogBody) return;
    if (!dialog.open) dialog.showModal();
    focusFirst();
    showDependents(dialogBody);
  });

  function focusFirst() {
    const wrong = dialog.querySelector("[aria-invalid='true']");
    if (wrong) wrong.closest("details")?.setAttribute("open", "");
    (wrong ?? dialog.querySelector("[autofocus]") ?? dialog.querySelector("h2"))?.focus();
  }

  function closeDialog() {
    if (dialog.open) dialog.close();
  }
  dialog.addEventListener("close", () => dialogBody.replaceChildren());
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      closeDialog();
    }
  });
  body.addEventListener("tapedeck-close", closeDialog);

  // Toasts say what came of a click; a link in them leads to the order.
  const toasts = document.getElementById("toasts");

  function toast({ text, tone = "", href = "", link = "" }) {
    const item = document.createElement("div");
    item.className = "toast";
    item.dataset.tone = tone;
    item.append(Object.assign(document.createElement("span"), { className: "grow", textContent: text }));
    if (href) item.append(Object.assign(document.createElement("a"), { href, textContent: link || "Details" }));
    toasts.append(item);
    // A popover shown last lies above an open dialog.
    if (toasts.matches(":popover-open")) toasts.hidePopover();
    toasts.showPopover();
    setTimeout(() => {
      item.remove();
      if (!toasts.childElementCount) toasts.hidePopover();
    }, tone === "bad" ? 15000 : 7000);
  }
  body.addEventListener("tapedeck-toast", (event) => toast(event.detail));
  body.addEventListener("htmx:sendError", (event) => {
    if (!event.target.hasAttribute("data-poll")) {
      toast({ text: "Tapedeck did not answer. Pressing again is safe: one form is one order.", tone: "bad" });
    }
  });
  body.addEventListener("htmx:responseError", (event) => {
    if (event.target.hasAttribute("data-poll")) return;
    const said = { 403: "You may not do this.", 404: "This is not here any more.", 503: "Busy: try again in a moment." };
    toast({ text: said[event.detail.xhr.status] ?? "That went wrong here. Nothing more was sent.", tone: "bad" });
  });

  // Options that belong to one choice are shown while it is chosen.
  function showDependents(root) {
    for (const part of root.querySelectorAll("[data-when]")) {
      const control = part.closest("form")?.elements[part.dataset.when];
      part.hidden = Boolean(control) && control.value !== part.dataset.is;
    }
    for (const group of root.querySelectorAll("details[data-group]")) {
      group.hidden = !group.querySelector(".field:not([hidden])");
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.form?.querySelector("[data-when]")) showDependents(event.target.form);
  });
  showDependents(document);

  // A button that cannot work says why instead.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[aria-disabled='true']");
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast({ text: button.dataset.reason || button.title });
  }, true);

  // On a phone the navigation scrolls: where one is shows.
  document.querySelector(".nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // The menu closes like a menu; "/" goes to the search box.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    }
    const isTyping = event.target.closest?.("input:not([type='checkbox']), textarea, select, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target?.getClientRects().length) return;
    event.preventDefault();
    target.matches("input") ? target.focus() : target.click();
  });
})();
