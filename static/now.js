/* Live calls are ticked by click or key, and steered together; ticks outlive the polls. */
"use strict";

(() => {
  const body = document.body;
  const ticked = new Set();
  const boxes = () => [...document.querySelectorAll("#now input[name='key']")];
  const rowOf = (element) => element?.closest?.("#now .call");
  const isTyping = (element) => element.closest?.("input:not([type='checkbox']), textarea, select, [contenteditable]");
  let last = "";

  function show() {
    const told = document.querySelector("#several [data-ticked]");
    for (const box of boxes()) rowOf(box).classList.toggle("is-selected", box.checked);
    if (told) told.textContent = ticked.size ? `${ticked.size} ticked` : told.dataset.idle;
  }

  // What is drawn anew comes unticked; what has left is forgotten.
  function restore() {
    const present = new Set();
    for (const box of boxes()) {
      present.add(box.value);
      box.checked = ticked.has(box.value);
    }
    for (const key of ticked) if (!present.has(key)) ticked.delete(key);
    show();
  }
  body.addEventListener("htmx:afterSettle", restore);
  addEventListener("pageshow", () => {
    for (const box of boxes()) if (box.checked) ticked.add(box.value);
    show();
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("#now input[name='key']")) return;
    event.target.checked ? ticked.add(event.target.value) : ticked.delete(event.target.value);
    show();
  });
  body.addEventListener("tapedeck-ordered", () => {
    ticked.clear();
    restore();
  });

  // Where nothing is ticked, the call that has the focus is meant.
  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (row) last = row.id;
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "several" || ticked.size) return;
    const box = document.getElementById(last)?.querySelector("input[name='key']");
    if (!box) return;
    box.checked = true;
    ticked.add(box.value);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const all = boxes();
    const at = all.findIndex((box) => rowOf(box).id === last);
    if (event.key === "j") all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (event.key === "k") all[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "x" && at >= 0) all[at].click();
    else if (event.key === "o" && at >= 0) rowOf(all[at]).querySelector(".row-actions a.button")?.click();
    else return;
    event.preventDefault();
  });
})();
