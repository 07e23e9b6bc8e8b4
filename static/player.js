/* The player: patience with a busy provider, and going on in another form where this one is. */
"use strict";

(() => {
  const LONGEST_WAIT = 60;

  const media = () => document.querySelector("[data-player] audio, [data-player] video");
  const note = () => document.querySelector("[data-player-note]");

  function tell(text) {
    const place = note();
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  }

  // Trouble: a player gives up at the first refusal and says nothing. It is told why, and tries again.

  let place = 0;
  let wasPlaying = false;

  for (const name of ["timeupdate", "seeking"]) {
    document.addEventListener(name, (event) => {
      if (event.target === media() && event.target.currentTime) place = event.target.currentTime;
    }, true);
  }
  for (const [name, isPlaying] of [["play", true], ["pause", false]]) {
    document.addEventListener(name, (event) => {
      if (event.target === media() && !event.target.error) wasPlaying = isPlaying;
    }, true);
  }
  document.addEventListener("playing", (event) => {
    if (event.target === media()) tell("");
  }, true);
  document.addEventListener("loadedmetadata", (event) => {
    if (event.target === media()) tell("");
  }, true);

  let heard = null; // the error that was answered last

  async function recover(player) {
    if (!player?.error || player.error === heard) return;
    heard = player.error;
    const address = player.getAttribute("src").split("#")[0];
    let answer;
    try {
      answer = await fetch(address, { headers: { Range: "bytes=0-0" } });
    } catch {
      tell("Tapedeck did not answer. Press play to try again.");
      return;
    }
    if (answer.ok) return again(player, address, answer.redirected ? 0 : 1);
    tell(await answer.text());
    if (answer.status === 503) {
      const seconds = Math.min(Number(answer.headers.get("Retry-After")) || 2, LONGEST_WAIT);
      again(player, address, seconds);
    }
  }

  document.addEventListener("error", (event) => {
    if (event.target === media()) recover(media());
  }, true);

  let tries = 0;
  let triedAt = 0;

  function again(player, address, seconds) {
    if (Date.now() - triedAt > 120000) tries = 0;
    triedAt = Date.now();
    tries += 1;
    if (tries > 60) return tell("This does not play here. Download it instead.");
    setTimeout(() => {
      if (!player.isConnected) return;
      player.src = place ? `${address}#t=${place}` : address;
      player.load();
      if (wasPlaying) player.play()?.catch(() => {});
    }, seconds * 1000 * (tries > 3 ? 2 : 1));
  }

  // Another form of the same recording goes on where this one is.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.("[data-player] a.chip");
    const player = media();
    if (!chip || !player?.currentTime) return;
    const address = new URL(chip.href);
    address.searchParams.set("t", player.currentTime.toFixed(1));
    chip.href = address.href;
  });

  recover(media()); // refused before this script was there
})();
