/* The order page: cards that can be tapped, the running sum, address suggestions, the pin, the live promise. */
"use strict";
(() => {
  const money = (cents) => (cents / 100).toFixed(2).replace(".", ",") + "\u00a0EUR";
  const form = () => document.getElementById("order");

  function ask() {
    const box = document.getElementById("promise");
    const part = form().querySelector('[data-part="2"]');
    if (box && part && !part.hidden) window.htmx.trigger(box, "ask");
  }

  function wireCards(root) {
    const lines = root.querySelector("#lines");
    if (!lines) return;
    const limit = Number(lines.dataset.max);
    const cards = [...lines.querySelectorAll("[data-card]")].map((card) => ({ card, input: card.querySelector("input") })).filter(({ input }) => input);
    const sum = root.querySelector("[data-sum]");
    const refresh = () => {
      let cents = 0;
      let count = 0;
      cards.forEach(({ card, input }) => {
        const number = Math.max(0, Math.floor(Number(input.value) || 0));
        card.classList.toggle("choice--on", number > 0 && card.classList.contains("offer-card"));
        cents += number * Number(card.dataset.unit);
        count += number;
      });
      sum.hidden = count === 0;
      sum.querySelector("strong").textContent = money(cents);
      cards.forEach(({ card }) => { const plus = card.querySelector('[data-step="1"]'); if (plus) plus.disabled = count >= limit; });
    };
    cards.forEach(({ card, input }) => {
      input.addEventListener("input", refresh);
      input.addEventListener("change", refresh);
      if (card.classList.contains("offer-card")) {
        card.addEventListener("click", (event) => {
          if (event.target.closest(".stepper") || Number(input.value)) return;
          card.querySelector('[data-step="1"]').click();
        });
      }
    });
    refresh();
  }

  function wireAddress(root) {
    const input = root.querySelector("#address");
    const list = root.querySelector("#address-list");
    if (!input || !list) return;
    const url = form().dataset.addresses;
    let timer = 0;
    let turn = 0;
    let found = [];
    let active = -1;
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" })
      .forEach(([name, value]) => input.setAttribute(name, value));

    const close = () => { list.hidden = true; active = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const mark = (index) => {
      active = index;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
      if (index >= 0) {
        input.setAttribute("aria-activedescendant", list.children[index].id);
        list.children[index].scrollIntoView({ block: "nearest" });
      }
    };
    const choose = (index) => {
      input.value = found[index].text;
      close();
      unpin(root);
      ask();
    };
    const show = (items) => {
      found = items;
      list.replaceChildren(...items.map((item, index) => {
        const entry = document.createElement("li");
        entry.id = "address-" + index;
        entry.setAttribute("role", "option");
        entry.setAttribute("aria-selected", "false");
        entry.textContent = item.text;
        entry.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
        return entry;
      }));
      active = -1;
      list.hidden = items.length === 0;
      input.setAttribute("aria-expanded", String(items.length > 0));
    };
    const seek = async () => {
      const mine = ++turn;
      const text = input.value.trim();
      if (text.length < 2) { close(); return; }
      const answer = await fetch(url + "?q=" + encodeURIComponent(text), { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer || !answer.ok || mine !== turn || document.activeElement !== input) return;
      const items = await answer.json();
      if (items.length === 1 && items[0].text === text) close();
      else show(items);
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(seek, 120); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) { seek(); return; }
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((active + step + found.length) % found.length);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        choose(Math.max(active, 0));
      } else if (event.key === "Escape") {
        close();
      }
    });
    input.addEventListener("blur", () => { turn += 1; close(); });
    input.addEventListener("change", ask);
  }

  function unpin(root) {
    const lat = root.querySelector("#lat");
    if (!lat || !lat.value) return;
    lat.value = "";
    root.querySelector("#lon").value = "";
    root.querySelector("[data-unpin]").hidden = true;
    const map = root.querySelector("[data-pin-map]");
    if (map.plinHandle) map.plinHandle.unplace();
  }

  function wirePin(root) {
    const box = root.querySelector("[data-pin]");
    if (!box) return;
    const lat = root.querySelector("#lat");
    const lon = root.querySelector("#lon");
    const element = box.querySelector("[data-pin-map]");
    box.hidden = false;
    const placed = (at, on) => {
      lat.value = at.toFixed(6);
      lon.value = on.toFixed(6);
      box.querySelector("[data-unpin]").hidden = false;
      ask();
    };
    const open = () => {
      if (!box.open || element.plinHandle || element.dataset.loading) return;
      element.dataset.loading = "1";
      window.plinLoadMap().then((plinMap) => {
        const at = lat.value ? [Number(lat.value), Number(lon.value)] : null;
        element.plinHandle = plinMap(element, at ? { center: at, zoom: 15 } : { center: [46.0569, 14.5058], zoom: 13 });
        element.plinHandle.onPlace(placed);
        if (at) element.plinHandle.place(at[0], at[1], placed);
      });
    };
    box.addEventListener("toggle", open);
    open();
    box.querySelector("[data-unpin]").addEventListener("click", () => { unpin(root); ask(); });
  }

  function wire(root) {
    if (!root || root.dataset.wired) return;
    root.dataset.wired = "1";
    wireCards(root);
    wireAddress(root);
    wirePin(root);
    ["#wish_on", "#floor"].forEach((name) => root.querySelector(name)?.addEventListener("change", ask));
  }

  /* Another language keeps what was typed. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".languages a");
    const root = form();
    if (!link || !root) return;
    event.preventDefault();
    root.action = link.href;
    const step = Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: root.dataset.step });
    root.append(step);
    root.submit();
  });

  /* Browser "back" goes one step back, as people expect of pages. */
  let returning = false;
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = form();
    if (!root || event.detail.target.id === "promise") return;
    wire(root);
    const step = Number(root.dataset.step);
    if (!returning && (history.state || {}).step !== step) history.pushState({ step }, "");
    returning = false;
    const place = root.querySelector("[data-errors]") || root.querySelector("[data-heading]");
    window.scrollTo(0, 0);
    if (place) place.focus({ preventScroll: true });
  });
  window.addEventListener("popstate", (event) => {
    const step = (event.state || {}).step;
    const root = form();
    if (!step || !root || step >= Number(root.dataset.step)) return;
    const button = [...root.querySelectorAll('button[name="step"]')].find((one) => one.value === String(step));
    if (button) { returning = true; button.click(); }
  });

  const start = () => {
    const root = form();
    if (!root) return;
    history.replaceState({ step: Number(root.dataset.step) }, "");
    wire(root);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
