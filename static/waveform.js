/* The waveform: a slider over its picture goes where the sound is, and the sound where the slider is put. */
"use strict";

(() => {
  const LEAP_SECONDS = 5;
  const media = () => document.querySelector("[data-player] audio, [data-player] video");
  const slider = () => document.getElementById("wave-seek");

  function clockText(seconds) {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  function tell(seek) {
    const text = `${clockText(Number(seek.value))} of ${seek.dataset.of}`;
    if (seek.getAttribute("aria-valuetext") !== text) seek.setAttribute("aria-valuetext", text);
  }

  function show() {
    const seek = slider();
    if (!seek || !media()) return;
    seek.value = media().currentTime;
    tell(seek);
  }

  function go(seek) {
    if (media()) media().currentTime = Number(seek.value);
    tell(seek);
    document.dispatchEvent(new CustomEvent("reader-sought"));
  }

  document.addEventListener("timeupdate", (event) => { if (event.target === media()) show(); }, true);
  document.addEventListener("input", (event) => { if (event.target === slider()) go(event.target); });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (event.target !== slider() || !by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.target.value = Number(event.target.value) + by * LEAP_SECONDS;
    go(event.target);
  });

  // What plays has come here whole: now it can be listened to.
  function ask() {
    const place = document.getElementById("waveform");
    if (media()?.readyState && place?.hasAttribute("hx-get")) htmx.trigger(place, "tapedeck-waveform");
  }
  document.addEventListener("loadedmetadata", (event) => { if (event.target === media()) ask(); }, true);
  document.addEventListener("DOMContentLoaded", ask); // the sound may have come before this script
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "waveform") show(); });
  show();
})();
