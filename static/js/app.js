/* Small enhancements for every page. Pages work without them. */
"use strict";
(() => {
  const self = document.currentScript;
  const token = document.querySelector('meta[name="csrf-token"]');

  document.addEventListener("htmx:configRequest", (event) => {
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });
  // An old error goes away with the next answer that is none.
  document.addEventListener("htmx:afterRequest", (event) => {
    const box = document.getElementById("page-errors");
    if (!box) return;
    if (event.detail.successful) box.replaceChildren();
    else if (!event.detail.xhr || !event.detail.xhr.status) box.textContent = box.dataset.offline;
    else box.scrollIntoView({ block: "nearest" });
  });

  let mapParts = null;
  const load = (tag, attributes) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = done;
    element.onerror = failed;
    document.head.append(element);
  });
  /* Loads Leaflet and our map on demand: resolves to window.plinMap. */
  window.plinLoadMap = () => {
    if (window.plinMap) return Promise.resolve(window.plinMap);
    mapParts ??= Promise.all([
      load("link", { rel: "stylesheet", href: self.dataset.leaflet + "leaflet.css" }),
      load("script", { src: self.dataset.leaflet + "leaflet.js" }),
    ]).then(() => load("script", { src: self.dataset.mapScript })).then(() => window.plinMap);
    return mapParts;
  };

  function drawMaps(root) {
    root.querySelectorAll("[data-map]").forEach((element) => {
      if (element.plin) return;
      element.plin = true;
      window.plinLoadMap().then((plinMap) => { element.plin = plinMap(element, JSON.parse(element.dataset.map)); });
    });
  }

  function wireSteppers(root) {
    root.querySelectorAll("[data-stepper]").forEach((stepper) => {
      const input = stepper.querySelector("input");
      const buttons = stepper.querySelectorAll("button");
      const refresh = () => buttons.forEach((button) => {
        const next = Number(input.value || 0) + Number(button.dataset.step);
        button.disabled = next < Number(input.min) || next > Number(input.max);
      });
      buttons.forEach((button) => {
        button.hidden = false;
        button.onclick = () => {
          input.value = Math.min(Number(input.max), Math.max(Number(input.min), Number(input.value || 0) + Number(button.dataset.step)));
          refresh();
          input.dispatchEvent(new Event("change", { bubbles: true }));
        };
      });
      input.addEventListener("input", refresh);
      input.addEventListener("change", refresh);
      refresh();
    });
  }

  function wire(root) {
    wireSteppers(root);
    drawMaps(root);
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("[data-confirm][open]").forEach((box) => { if (!box.contains(event.target)) box.open = false; });
    if (event.target.closest("[data-print]")) window.print();
    const scheme = event.target.closest("[data-scheme-toggle]");
    if (scheme) {
      const dark = document.documentElement.dataset.scheme !== "dark";
      document.documentElement.dataset.scheme = dark ? "dark" : "light";
      scheme.setAttribute("aria-pressed", String(dark));
      localStorage.setItem("scheme", dark ? "dark" : "light");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("[data-confirm][open]").forEach((box) => { box.open = false; box.querySelector("summary").focus(); });
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && event.target.matches("[data-autosubmit]")) form.requestSubmit();
  });

  const start = () => {
    const scheme = document.querySelector("[data-scheme-toggle]");
    if (scheme && localStorage.getItem("scheme")) {
      document.documentElement.dataset.scheme = localStorage.getItem("scheme");
      scheme.setAttribute("aria-pressed", String(localStorage.getItem("scheme") === "dark"));
    }
    wire(document);
    const errors = document.querySelector("[data-errors]");
    if (errors) errors.focus();
    document.addEventListener("htmx:load", (event) => wire(event.detail.elt));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
