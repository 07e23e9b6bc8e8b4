/* Rows of a list are selected by tick or by key: j and k go through them, x ticks. */
"use strict";

(() => {
  const table = document.querySelector("table[data-select]");
  const form = document.getElementById("bulk");
  if (!table || !form) return;
  const boxes = [...table.querySelectorAll("tbody input[name='key']")];
  const everything = table.querySelector("[data-select-all]");
  const matching = form.elements.all;
  const told = form.querySelector("[data-selected]");
  const idle = told.textContent;
  everything.hidden = false;

  function show() {
    const count = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked || matching.checked);
    everything.checked = count === boxes.length;
    everything.indeterminate = count > 0 && count < boxes.length;
    told.textContent = matching.checked ? "All that match, on every page." : count ? `${count} selected` : idle;
  }

  everything.addEventListener("change", () => {
    for (const box of boxes) box.checked = everything.checked;
    show();
  });
  document.addEventListener("change", show);
  addEventListener("pageshow", show);

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type='checkbox']), textarea, select, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const at = boxes.findIndex((box) => box.closest("tr").contains(document.activeElement));
    if (event.key === "j") boxes[Math.min(at + 1, boxes.length - 1)].focus();
    else if (event.key === "k") boxes[Math.max(at - 1, 0)].focus();
    else if (event.key === "x" && at >= 0) boxes[at].click();
    else return;
    event.preventDefault();
  });
})();
