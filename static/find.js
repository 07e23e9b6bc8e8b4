/* Finds words inside one transcript: counts them, marks them, goes from one to the next. */
"use strict";

(() => {
  const field = document.getElementById("find");
  const count = document.getElementById("find-count");
  if (!field) return;
  const MOST = 5000;
  const canHighlight = "highlights" in CSS;
  const steps = [["find-previous", -1], ["find-next", 1]];

  let hits = [];
  let at = -1;
  let timer = 0;

  const list = () => document.getElementById("lines");
  const words = () => list().querySelectorAll(".line-words > span");

  // What the server has marked for the address's ?q= is gone through like what is found here.
  function adopt() {
    hits = [...list().querySelectorAll("mark")].map((mark) => ({ line: mark.closest(".line"), mark }));
    if (hits.length) go(firstFrom(list().querySelector("[aria-current]")));
  }

  function firstFrom(line) {
    const place = line ? hits.findIndex((hit) => number(hit.line) >= number(line)) : 0;
    return place < 0 ? 0 : place;
  }

  const number = (line) => Number(line.id.slice(5));

  function search() {
    clear();
    const text = field.value.trim();
    if (!text) return tell();
    const pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
    for (const span of words()) {
      const line = span.parentNode.parentNode;
      for (const match of span.textContent.matchAll(pattern)) {
        hits.push({ line, node: span.firstChild, from: match.index, to: match.index + match[0].length });
      }
      if (hits.length >= MOST) break;
    }
    paint();
    if (hits.length) go(firstFrom(document.querySelector(".line.is-active") ?? seen()));
    else tell();
  }

  function seen() {
    const { left, width } = list().getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, innerHeight / 2)?.closest(".line");
  }

  const rangeOf = ({ node, from, to }) => new StaticRange(
    { startContainer: node, startOffset: from, endContainer: node, endOffset: to });

  function paint() {
    if (canHighlight) {
      CSS.highlights.set("found", new Highlight(...hits.map(rangeOf)));
      return;
    }
    // From the last to the first, for each cuts its text in two.
    for (const hit of [...hits].reverse()) {
      const range = document.createRange();
      range.setStart(hit.node, hit.from);
      range.setEnd(hit.node, hit.to);
      hit.mark = document.createElement("mark");
      range.surroundContents(hit.mark);
    }
  }

  function clear() {
    for (const mark of list().querySelectorAll("mark")) {
      const span = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      span.normalize();
    }
    if (canHighlight) for (const name of ["found", "found-now"]) CSS.highlights.delete(name);
    hits = [];
    at = -1;
  }

  function go(place) {
    hits[at]?.mark?.classList.remove("is-now");
    at = place;
    const hit = hits[at];
    if (hit.mark) hit.mark.classList.add("is-now");
    else CSS.highlights.set("found-now", new Highlight(rangeOf(hit)));
    list().dispatchEvent(new CustomEvent("reader-goto", { detail: hit }));
    tell();
  }

  function tell() {
    const asked = field.value.trim();
    const of = hits.length >= MOST ? `${hits.length}+` : hits.length;
    count.textContent = hits.length ? `${at + 1} of ${of}` : asked ? "not found" : "";
    for (const [id] of steps) document.getElementById(id).hidden = hits.length < 2;
  }

  function step(by) {
    clearTimeout(timer);
    if (timer) {
      timer = 0;
      return search();
    }
    if (hits.length) go((at + by + hits.length) % hits.length);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      search();
    }, 150);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    step(1);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      field.value = "";
      search();
      list().dispatchEvent(new CustomEvent("reader-return"));
    }
  });
  for (const [id, by] of steps) document.getElementById(id).addEventListener("click", () => step(by));
  // Lines that were drawn anew have lost their marks.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.closest("#words, .line") && field.value.trim()) search();
  });
  adopt();
})();
