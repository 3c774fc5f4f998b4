/* The phone desk by keyboard: keys of the strip, address suggestions, a draft that survives a reload. */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("desk-order");
  const gas = byId("gas");

  function placeOrder() {
    const button = form && form.querySelector('[value="order"]');
    if (button) form.requestSubmit(button);
  }

  function nextAddress() {
    const all = [...document.querySelectorAll("[data-address]")].map((button) => button.dataset.address);
    if (!form || !all.length) return;
    const input = byId("address");
    input.value = all[(all.indexOf(input.value) + 1) % all.length];
    form.lat.value = form.lon.value = "";
    window.htmx.trigger(form, "look");
  }

  function focus(selector) {
    const target = document.querySelector(selector);
    if (target) { target.focus(); if (target.select) target.select(); }
  }

  function tick(number) {
    const box = document.querySelector(`[data-script-tick="${number}"]`);
    if (box) { box.checked = !box.checked; box.focus(); }
  }

  function go(selector) {
    const link = document.querySelector(selector);
    if (link) link.click();
  }

  const keys = {
    F1: () => { window.location = "/agent"; },
    F2: () => focus("#earlier [data-copy]"),
    F4: nextAddress,
    F8: () => {
      document.querySelectorAll("#answer details").forEach((fold) => { fold.open = true; });
      focus('#answer [name="quote_key"]:checked');
    },
    F9: () => gas && !gas.open && gas.showModal(),
    F12: () => focus("#address"),
    Escape: () => { if (!gas || !gas.open) focus("#caller"); },
  };
  const chords = {
    KeyP: () => focus("#code"), KeyV: () => go("#take-return"), KeyR: () => go("#earlier a"), KeyG: () => focus("#terms"),
    Digit1: () => tick(1), Digit2: () => tick(2), Digit3: () => tick(3), Digit4: () => tick(4),
  };
  document.addEventListener("keydown", (event) => {
    const act = event.altKey && !event.ctrlKey ? chords[event.code] : event.ctrlKey && event.key === "Enter" ? placeOrder
      : !event.altKey && !event.ctrlKey && !event.metaKey ? keys[event.key] : null;
    if (!act || (event.key === "F12" && event.shiftKey)) return;
    if (event.key !== "Escape") event.preventDefault();
    act();
  });
  if (!form) return;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-address]");
    if (!button) return;
    event.preventDefault();
    byId("address").value = button.dataset.address;
    form.lat.value = form.lon.value = "";
    window.htmx.trigger(form, "look");
  });

  /* Enter never places an order: in the code field it applies the code, elsewhere it looks. */
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (event.target.id === "code") form.requestSubmit(form.querySelector('[value="code"]'));
    else window.htmx.trigger(form, "look");
  });

  /* Full posts for what changes the page; htmx only looks. */
  form.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt !== form) return;
    event.detail.parameters.delete ? event.detail.parameters.delete("action") : delete event.detail.parameters.action;
  });

  const address = byId("address");
  const list = byId("known-addresses");
  let timer = 0;
  address.addEventListener("input", () => {
    form.lat.value = form.lon.value = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const query = new URLSearchParams({ q: address.value, phone: form.phone.value });
      const answer = await fetch(`${form.dataset.addresses}?${query}`, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      list.replaceChildren(...(await answer.json()).map((line) => { const option = document.createElement("option"); option.value = line; return option; }));
    }, 120);
  });

  /* Later answers bring new radio buttons and candidates: the focus stays where it was. */
  let choosing = false;
  document.addEventListener("htmx:beforeSwap", () => { choosing = Boolean(document.activeElement && document.activeElement.name === "quote_key"); });
  document.addEventListener("htmx:afterSettle", () => { if (choosing) focus('#answer [name="quote_key"]:checked'); });

  /* The draft: what was typed for a caller comes back after a reload; a new look-up of the caller begins anew. */
  const slot = `desk:${form.dataset.draft}`;
  const kept = () => [...form.elements].filter((field) => /^(address|floor|note|name|email|phone|wish_on|payment|q-.*)$/.test(field.name) && (field.type !== "radio" || field.checked));
  const arrival = window.performance.getEntriesByType("navigation")[0];
  if (form.hasAttribute("data-restore")) {
    if (arrival && arrival.type === "navigate") window.sessionStorage.removeItem(slot);
    Object.entries(JSON.parse(window.sessionStorage.getItem(slot) || "{}")).forEach(([name, value]) => { if (form.elements[name]) form.elements[name].value = value; });
  }
  const keep = () => window.sessionStorage.setItem(slot, JSON.stringify(Object.fromEntries(kept().map((field) => [field.name, field.value]))));
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => { if (event.submitter && event.submitter.value === "order") window.sessionStorage.removeItem(slot); });
})();
