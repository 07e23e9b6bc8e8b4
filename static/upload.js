/* Says that a file is too large before it is sent. */
"use strict";

document.addEventListener("change", (event) => {
  const input = event.target.closest?.("input[type='file'][data-largest]");
  if (!input) return;
  const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.largest));
  const megabytes = Math.floor(Number(input.dataset.largest) / 1024 / 1024);
  input.setCustomValidity(isTooLarge ? `The file is larger than ${megabytes} MB.` : "");
  input.form.noValidate = !isTooLarge;
  if (isTooLarge) input.reportValidity();
});
