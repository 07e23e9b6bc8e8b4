/* Steps through the differences of two transcripts, and hides what is the same. */
"use strict";

(() => {
  const panel = document.getElementById("pairs");
  const list = panel?.querySelector(".pairs");
  if (!list) return;
  const place = document.getElementById("place");
  const buttons = { previous: document.getElementById("previous"), next: document.getElementById("next") };
  const total = place.textContent;

  // One place is all marks with the same number, on both sides; a name that differs is one by itself.
  const places = [];
  const byNumber = new Map();
  for (const mark of list.querySelectorAll("mark[data-n], .pair-who[data-differs]")) {
    const known = byNumber.get(mark.dataset.n);
    if (known) known.push(mark);
    else places.push([mark]);
    if (mark.dataset.n && !known) byNumber.set(mark.dataset.n, places.at(-1));
  }
  let current = -1;
  let arrivesAt = 0;

  function said(side, marks) {
    const words = marks.filter((mark) => mark.closest(".pair-side").dataset.side === side);
    const text = words.map((mark) => mark.textContent).join(" … ");
    return text ? `${side}: ${text}` : `nothing in ${side}`;
  }

  function tell(marks) {
    const what = marks[0].dataset.n ? `${said("A", marks)}, ${said("B", marks)}` : `another speaker: ${marks[0].textContent}`;
    place.textContent = `${current + 1} of ${places.length}. ${what.length > 120 ? `${what.slice(0, 120)}…` : what}`;
  }

  function go(to) {
    if (!places.length) return;
    for (const mark of places[current] ?? []) mark.removeAttribute("data-current");
    current = (to + places.length) % places.length;
    for (const mark of places[current]) mark.setAttribute("data-current", "");
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    places[current][0].scrollIntoView({ block: "center", behavior: isCalm ? "instant" : "smooth" });
    arrivesAt = performance.now() + 1500;
    tell(places[current]);
  }

  // From what is seen: who has scrolled on goes on from there.
  function fromHere(step) {
    const seen = places[current]?.[0].getBoundingClientRect();
    const isSeen = seen && seen.bottom > 0 && seen.top < innerHeight;
    if (isSeen || performance.now() < arrivesAt) return current + step;
    const below = places.findIndex(([mark]) => mark.getBoundingClientRect().top > innerHeight / 3);
    if (step > 0) return below < 0 ? 0 : below;
    return (below < 0 ? places.length : below) - 1;
  }

  buttons.next.addEventListener("click", () => go(fromHere(1)));
  buttons.previous.addEventListener("click", () => go(fromHere(-1)));
  for (const button of Object.values(buttons)) button.hidden = !places.length;

  // The page that has all rows hides and shows them by itself; the address says which.
  const toggle = document.getElementById("only");
  const hasAll = !panel.hasAttribute("data-only");
  toggle.addEventListener("click", (event) => {
    if (!hasAll || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const top = places[current]?.[0].getBoundingClientRect().top;
    const isOnly = panel.toggleAttribute("data-only");
    toggle.textContent = isOnly ? "Show everything" : "Only differences";
    const address = new URL(location);
    isOnly ? address.searchParams.set("only", "1") : address.searchParams.delete("only");
    history.replaceState(null, "", address);
    if (top !== undefined) scrollBy({ top: places[current][0].getBoundingClientRect().top - top, behavior: "instant" });
  });
})();
