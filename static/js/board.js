/* The dispatcher's board: keeps the map in step with the page and gives every button its key.
   Every action is a form or a link of the page itself; this file only presses them. */
"use strict";
(() => {
  const board = document.getElementById("board");
  const element = document.getElementById("board-map");
  const keysOn = () => localStorage.getItem("board-keys") !== "off";
  let map = null;
  let assigning = null;

  const data = () => JSON.parse(document.getElementById("board-data").textContent);
  const selected = () => Number(data().selected) || null;

  function drawMap(first) {
    if (!map) return;
    const now = data();
    map.update({ markers: now.markers, routes: now.routes, credit: now.credit });
    if (first) { map.update({ zone: now.zone }); map.fit(); }
    map.select(now.selected, !first);
  }

  function select(id) {
    const link = document.querySelector(`[data-stop="${id}"]`);
    if (link) link.click();
  }

  /* Stops in the order of the page: the pool from above, then van by van. */
  const stops = () => [...document.querySelectorAll("[data-stop]")];

  function step(by) {
    const all = stops();
    if (!all.length) return;
    const at = all.findIndex((link) => Number(link.dataset.stop) === selected());
    const next = all[(at + by + all.length) % all.length] || all[0];
    next.focus({ preventScroll: false });
    next.click();
  }

  /* Up and down lead to the neighbouring van, to the block nearest in time. */
  function jump(by) {
    const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.querySelector("[data-stop]"));
    const current = document.querySelector("[data-stop][aria-current]");
    const row = current && current.closest("[data-row]");
    if (!row) { step(by); return; }
    const target = rows[(rows.indexOf(row) + by + rows.length) % rows.length];
    const at = current.getBoundingClientRect().left;
    const near = [...target.querySelectorAll("[data-stop]")]
      .sort((one, two) => Math.abs(one.getBoundingClientRect().left - at) - Math.abs(two.getBoundingClientRect().left - at))[0];
    near.focus();
    near.click();
  }

  function press(key) {
    const button = document.querySelector(`[data-key="${key}"]:not([disabled])`);
    if (button) button.click();
    return Boolean(button);
  }

  /* E: to the explanation of the selected stop, the cheapest fix under the finger; nothing is done yet. */
  function explain() {
    const section = document.querySelector("[data-testid=explanation]");
    if (!section) return;
    section.scrollIntoView({ block: "nearest" });
    const button = section.querySelector('[data-key="e"]') || section.querySelector("button");
    if (button) button.focus();
  }

  let alarm = -1;
  function nextAlarm() {
    const alarms = [...document.querySelectorAll("[data-alarm]")];
    if (!alarms.length) return;
    alarm = (alarm + 1) % alarms.length;
    alarms[alarm].focus();
    alarms[alarm].click();
  }

  function stopAssigning() {
    clearTimeout(assigning);
    assigning = null;
    board.classList.remove("assigning");
  }

  function assign(digit) {
    stopAssigning();
    const form = document.getElementById("move-form");
    const option = form && form.elements.shift_id.querySelector(`option[data-number="${digit}"]`);
    if (!option) return;
    form.elements.shift_id.value = option.value;
    form.elements.position.value = "";
    form.querySelector('[value="check"]').click();
  }

  const actions = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => jump(1), ArrowUp: () => jump(-1),
    n: nextAlarm, e: explain, l: () => press("l"), u: () => press("u"), o: () => press("o"), s: () => press("s"),
    "[": () => press("["), "]": () => press("]"),
    a: () => { stopAssigning(); if (!document.getElementById("move-form")) return; board.classList.add("assigning"); assigning = setTimeout(stopAssigning, 4000); },
  };

  document.addEventListener("keydown", (event) => {
    if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable], dialog, .leaflet-container")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (assigning && /^[1-9]$/.test(key)) { event.preventDefault(); assign(key); return; }
    if (key === "Escape") { stopAssigning(); return; }
    const action = actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // While something is being typed in the inspector, the poll leaves it alone.
  document.addEventListener("input", (event) => { if (event.target.closest("#inspector form")) board.dataset.hold = "1"; });
  document.addEventListener("htmx:configRequest", (event) => {
    const details = event.detail;
    if (!details.path || !details.path.startsWith(board.dataset.fragment)) {
      if (details.verb === "post") delete board.dataset.hold;
      return;
    }
    const now = data();
    details.parameters.seen = now.key;
    if (now.selected) details.parameters.stop = now.selected;
    if (now.van) details.parameters.van = now.van;
    if (board.dataset.hold || document.querySelector("#inspector [data-confirm][open], #inspector [data-testid=effect]")) details.parameters.hold = "1";
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "board-data") drawMap(false);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-stop], [data-van], [data-alarm]");
    if (link) {
      delete board.dataset.hold;
      history.replaceState(null, "", link.getAttribute("href"));
    }
  });

  const toggle = document.getElementById("keys-on");
  if (toggle) {
    toggle.checked = keysOn();
    toggle.addEventListener("change", () => localStorage.setItem("board-keys", toggle.checked ? "on" : "off"));
  }
  window.plinLoadMap().then((plinMap) => {
    map = plinMap(element, { center: undefined, zone: data().zone });
    map.onSelect((id) => select(id));
    drawMap(true);
  });
})();
