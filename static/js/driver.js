/* The driver's page: no double taps, no button that scripts make needless. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");

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
})();
