/* Reading along: the line and word that are spoken, lines that seek, keys, links to lines, corrections in place. */
"use strict";

(() => {
  const STILL = matchMedia("(prefers-reduced-motion: reduce)");
  const LEAP_SECONDS = 5;
  const spokenWord = "highlights" in CSS ? new Highlight() : null;
  if (spokenWord) CSS.highlights.set("spoken", spokenWord);

  const byId = (id) => document.getElementById(id);
  const media = () => document.querySelector("[data-player] audio, [data-player] video");
  const list = () => byId("lines");
  const tools = byId("line-tools").content.firstElementChild;
  const toNow = byId("to-now");
  const followBox = byId("follow");

  const kept = {
    get(name) { try { return localStorage.getItem(`reader-${name}`); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(`reader-${name}`, value); } catch { /* private window */ } },
  };

  // The lines by their times; drawn anew after a change of names.
  let timed = [];
  let current = null; // the line that is spoken
  let active = null; // the line that has the tools, and the one place of the list in the order of Tab
  let isAway = false; // the reader looks elsewhere by hand

  function index() {
    timed = [...list().querySelectorAll(".line[data-start]")]
      .map((line) => ({ line, start: Number(line.dataset.start) }))
      .sort((one, other) => one.start - other.start);
    for (const button of list().querySelectorAll(".line-time, .line-fix")) button.tabIndex = -1;
    current = list().querySelector("[aria-current]");
    active = null;
    word = null;
    activate(current ?? list().querySelector(".line"));
  }

  const time = (line) => line.querySelector(".line-time");

  function activate(line) {
    if (!line || line === active) return;
    if (active) setTabIndex(active, -1);
    active?.classList.remove("is-active");
    active = line;
    active.classList.add("is-active");
    setTabIndex(active, 0);
    lend(line);
  }

  // One button for all lines: it is where the pointer or the focus is.
  function lend(line) {
    const place = line.querySelector(".line-notes");
    if (tools.parentNode !== place) place.append(tools);
  }

  function setTabIndex(line, value) {
    for (const button of line.querySelectorAll(".line-time, .line-fix")) button.tabIndex = value;
  }

  // Seeking.

  function seek(seconds, line) {
    const player = media();
    isAway = false;
    if (!player) {
      mark(line ?? spokenAt(seconds));
      if (current) show(current);
      return;
    }
    player.currentTime = seconds;
    player.play()?.catch(() => {});
    mark(line ?? spokenAt(seconds));
    follow();
  }

  document.addEventListener("click", (event) => {
    const jump = event.target.closest?.("a[data-seek]");
    if (jump && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return seek(Number(jump.dataset.seek), byId(jump.hash?.slice(1) || jump.getAttribute("href").split("#")[1]));
    }
    const line = event.target.closest?.("#lines .line");
    if (!line || event.target.closest("#line-form")) return;
    activate(line);
    if (event.target.closest(".line-copy")) return copy(line);
    const fix = event.target.closest(".line-fix");
    if (fix) return correct(event, fix, line);
    // Whoever selects words to copy them does not want to hear them.
    const isButton = event.target.closest("button.line-time");
    if (!("start" in line.dataset) || (!isButton && !getSelection().isCollapsed)) return;
    event.preventDefault();
    seek(Number(line.dataset.start), line);
  });

  // What is spoken.

  function spokenAt(seconds) {
    let low = 0;
    let high = timed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timed[middle].start <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    return low ? timed[low - 1].line : null;
  }

  function mark(line) {
    if (line === current) return false;
    current?.removeAttribute("aria-current");
    line?.setAttribute("aria-current", "true");
    current = line;
    return true;
  }

  function follow() {
    const isOn = !followBox || followBox.checked;
    toNow.hidden = !current || !media() || (isOn && !isAway);
    if (isOn && !isAway && current) show(current);
  }

  function show(line) {
    const box = line.getBoundingClientRect();
    const isNear = box.bottom > -innerHeight && box.top < 2 * innerHeight;
    if (STILL.matches || !isNear) return jump(line);
    aimed = null; // an earlier aim would take it back
    line.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  // Lines that were never seen have a guessed height: while they are drawn, the aim is taken again.
  const SETTLING = 800; // ms
  let aimed = null;

  function jump(line) {
    aimed = line;
    line.scrollIntoView({ block: "center", behavior: "instant" });
    settle(line, performance.now() + SETTLING);
  }

  function settle(line, until) {
    requestAnimationFrame((now) => {
      if (aimed !== line || now > until) return;
      if (!isSeen(line)) line.scrollIntoView({ block: "center", behavior: "instant" });
      settle(line, until);
    });
  }

  function isSeen(line) {
    const box = line.getBoundingClientRect();
    return !line.isConnected || (box.bottom > 0 && box.top < innerHeight);
  }

  function leave() {
    aimed = null;
    if (isAway) return;
    isAway = true;
    follow();
  }

  function back() {
    isAway = false;
    if (followBox) followBox.checked = true;
    kept.set("follow", "on");
    follow();
  }

  // Words of the spoken line only; of the others nothing but the text is ever made.
  let word = null;

  function wordsOf(line) {
    const told = line.dataset.words?.split(" ");
    const span = line.querySelector(".line-words > span");
    if (!told || !span) return { line, places: [], times: [] };
    const pairs = told[0].includes(":") ? told.map((each) => each.split(":").map(Number)) : null;
    const places = pairs ? pairs.map(([place]) => place)
      : [...span.textContent.matchAll(/\S+/gu)].map((match) => match.index);
    const times = (pairs ? pairs.map(([, moment]) => moment) : told.map(Number));
    const isWhole = places.length === times.length;
    return { line, span, places: isWhole ? places : [], times, shown: -1 };
  }

  function markWord(seconds) {
    if (!spokenWord || !current) return;
    if (word?.line !== current) {
      word = wordsOf(current);
      spokenWord.clear();
    }
    const passed = (seconds - Number(current.dataset.start)) * 100 + 5;
    let at = word.places.length - 1;
    while (at >= 0 && word.times[at] > passed) at -= 1;
    if (at === word.shown) return;
    word.shown = at;
    spokenWord.clear();
    if (at >= 0) spokenWord.add(rangeOf(word.span, word.places[at], word.places[at + 1]));
  }

  function rangeOf(span, from, to) {
    const range = document.createRange();
    const walker = document.createTreeWalker(span, NodeFilter.SHOW_TEXT);
    const end = to ?? span.textContent.length;
    let before = 0;
    range.selectNodeContents(span);
    while (walker.nextNode()) {
      const { length } = walker.currentNode;
      if (from >= before && from <= before + length) range.setStart(walker.currentNode, from - before);
      if (end >= before && end <= before + length) range.setEnd(walker.currentNode, end - before);
      before += length;
    }
    // Not the space behind it.
    return range.toString().endsWith(" ") && range.endOffset ? shorter(range) : range;
  }

  function shorter(range) {
    range.setEnd(range.endContainer, range.endOffset - 1);
    return range;
  }

  const voices = () => byId("voices");
  const length = Math.max(0, ...[...list().querySelectorAll(".line[data-end]")].map((line) => Number(line.dataset.end)));

  function step() {
    const player = media();
    if (!player) return;
    const seconds = player.currentTime;
    if (mark(spokenAt(seconds))) follow();
    markWord(seconds);
  }

  function run() {
    step();
    if (media() && !media().paused) requestAnimationFrame(run);
  }

  document.addEventListener("timeupdate", (event) => {
    if (event.target !== media()) return;
    step();
    if (length) voices()?.style.setProperty("--now", Math.min(1, media().currentTime / length));
  }, true);
  // A leap shows at once, not when its sound has come; and the last of several tells of no time that has passed.
  for (const name of ["seeking", "seeked"]) {
    document.addEventListener(name, (event) => { if (event.target === media()) step(); }, true);
  }
  document.addEventListener("play", (event) => { if (event.target === media()) run(); }, true);

  // The reader's hand wins over the sound.
  for (const name of ["wheel", "touchmove"]) {
    document.addEventListener(name, () => leave(), { passive: true });
  }
  document.addEventListener("pointerdown", (event) => {
    const isBar = event.clientX >= document.documentElement.clientWidth || event.button === 1;
    if (isBar) leave();
  });
  toNow.addEventListener("click", back);
  followBox?.addEventListener("change", () => {
    kept.set("follow", followBox.checked ? "on" : "off");
    isAway = false;
    follow();
  });
  document.addEventListener("pointerover", (event) => {
    const line = event.target.closest?.("#lines .line");
    if (line && !tools.matches(":focus")) lend(line);
  });
  document.addEventListener("focusin", (event) => activate(event.target.closest?.("#lines .line")));

  // Another control has put the sound elsewhere: the reader goes along.
  document.addEventListener("reader-sought", () => {
    isAway = false;
    step();
    follow();
  });

  // Speed.

  const speed = byId("speed");

  function setSpeed(value) {
    const player = media();
    if (player) player.defaultPlaybackRate = player.playbackRate = Number(value);
  }
  speed?.addEventListener("change", () => {
    kept.set("speed", speed.value);
    setSpeed(speed.value);
  });
  document.addEventListener("loadedmetadata", (event) => {
    if (event.target === media() && speed) setSpeed(speed.value);
  }, true);

  // Links.

  async function copy(line) {
    const address = new URL(location.pathname, location.origin);
    if ("start" in line.dataset) address.searchParams.set("t", line.dataset.start);
    address.hash = line.id;
    const isCopied = await copied(address.href);
    const text = isCopied ? "The link to this line is copied." : `Copy this: ${address.href}`;
    document.body.dispatchEvent(new CustomEvent("tapedeck-toast", { detail: { text } }));
  }

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text); // Only over https and on this machine.
      return true;
    } catch {
      return false;
    }
  }

  // Corrections, in the place of the line.

  function correct(event, fix, line) {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const slot = document.createElement("div");
    slot.className = "line-slot";
    document.querySelector(".line-slot")?.remove();
    line.append(slot);
    htmx.ajax("GET", fix.getAttribute("href"), { source: fix, target: slot, swap: "innerHTML" })
      .then(() => {
        slot.querySelector("textarea")?.focus({ preventScroll: true });
        slot.scrollIntoView({ block: "nearest", behavior: "instant" });
      });
  }

  function endCorrection(slot) {
    const line = slot.closest(".line");
    slot.remove();
    line.querySelector(".line-fix")?.focus();
  }
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest?.("[data-line-cancel]");
    const slot = cancel?.closest(".line-slot");
    if (!slot) return;
    event.preventDefault();
    endCorrection(slot);
  });

  let corrected = "";
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "line-form") corrected = event.target.closest(".line")?.id ?? "";
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!byId("lines") || (active?.isConnected && tools.isConnected)) return;
    index();
    mark(spokenAt(media()?.currentTime ?? -1) ?? current);
    byId(corrected)?.querySelector(".line-fix")?.focus({ preventScroll: true });
    if (corrected) activate(byId(corrected));
    corrected = "";
  });

  // Keys.

  const keys = byId("keys");
  const keysOn = byId("keys-on");

  function move(by) {
    const from = active && (active === current || active.contains(document.activeElement)) ? active : current ?? active;
    const line = from && byId(`line-${Number(from.id.slice(5)) + by}`);
    if (!line) return;
    const player = media();
    activate(line);
    if (!time(line).matches("button")) time(line).tabIndex = 0;
    time(line).focus({ preventScroll: true });
    if (player && !player.paused && "start" in line.dataset) return seek(Number(line.dataset.start), line);
    leave();
    show(line);
  }

  function leap(seconds) {
    const player = media();
    if (player) player.currentTime = Math.max(0, player.currentTime + seconds);
  }

  function toggle() {
    const player = media();
    if (player?.paused) player.play()?.catch(() => {});
    else player?.pause();
  }

  const does = {
    " ": toggle,
    ArrowLeft: () => leap(-LEAP_SECONDS),
    ArrowRight: () => leap(LEAP_SECONDS),
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
    f: () => byId("find").select(),
    n: back,
    "?": () => keys.showModal(),
  };
  const OTHERS = "input, textarea, select, audio, video, summary, [contenteditable]";
  const isPage = (key) => ["PageUp", "PageDown", "Home", "End"].includes(key);

  function isOurs(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
    if (document.querySelector("dialog[open]") || event.target.closest?.(OTHERS)) return false;
    // Buttons and links answer to the space bar as everywhere; a line's own time answers to Enter.
    const isElsewhere = event.target.closest?.("a, button") && !event.target.closest(".line-time");
    return !(event.key === " " && isElsewhere);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const slot = event.target.closest?.(".line-slot");
      return slot && endCorrection(slot);
    }
    if (!isOurs(event)) return;
    if (isPage(event.key)) return leave();
    if (!does[event.key] || !keysOn.checked) return;
    event.preventDefault();
    does[event.key]();
  });
  // Firefox presses a button when the space bar comes up again.
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && keysOn.checked && event.target.closest?.("button.line-time")) event.preventDefault();
  });
  byId("keys-open").addEventListener("click", () => keys.showModal());
  keysOn.addEventListener("change", () => kept.set("keys", keysOn.checked ? "on" : "off"));

  // What is found inside is shown; leaving the search goes back to the lines.
  document.addEventListener("reader-goto", (event) => {
    leave();
    activate(event.detail.line);
    jump(event.detail.line);
  }, true);
  document.addEventListener("reader-return", () => active && time(active).focus(), true);

  // From here on the script is there: what needs it shows.
  for (const id of ["reader-controls", "keys-open"]) byId(id)?.removeAttribute("hidden");
  keysOn.checked = kept.get("keys") !== "off";
  if (followBox) followBox.checked = kept.get("follow") !== "off";
  if (speed && kept.get("speed")) {
    speed.value = kept.get("speed");
    if (!speed.value) speed.value = "1";
    setSpeed(speed.value);
  }
  index();
  if (current) jump(current);
})();
