/* One visit, on the driver's and the customer's page: no double taps, and nothing that was opened closes by itself. */
"use strict";
(() => {
  document.documentElement.classList.add("has-js");

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-once]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  // Coming back by the browser's own button finds a form that can be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-once]").forEach((form) => { delete form.dataset.sent; form.removeAttribute("aria-busy"); });
  });

  // A question that is being answered is not taken away by the poll.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (part.matches("[data-poll]") && part.querySelector("[data-confirm][open]")) event.preventDefault();
  });
  // What was folded out stays so in the part that comes anew.
  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open][id]")].map((box) => box.id);
  });
  document.addEventListener("htmx:load", () => open.forEach((id) => document.getElementById(id)?.setAttribute("open", "")));
})();
