/* plinMap(element, {center: [lat, lon], zoom, zone, markers, routes}) draws a map and returns a handle.
   zone: [[lat, lon], ...]; markers: [{id, lat, lon, label, title, kind: "stop|depot|here|vehicle", route: 1..8, state}];
   routes: [{id, route: 1..8, points: [[lat, lon], ...], title, path}]; path, where given, is the way along the roads as an
   encoded polyline with five decimals, drawn instead of straight lines. credit: whom to name for the roads.
   Tiles come only from data-tile-url; without it the main roads of our own map are the ground, and without that a quiet
   sketch of Ljubljana.
   Handle: update({markers, routes, zone, credit}), select(id), onSelect(fn), onPlace(fn), place(lat, lon), unplace(), fit(), leaflet. */
"use strict";
(() => {
  const CENTRE = [46.0569, 14.5058];
  const WATER = [
    [[46.1330, 14.4180], [46.1290, 14.4400], [46.1150, 14.4620], [46.1030, 14.4900], [46.0990, 14.5150], [46.0980, 14.5320],
      [46.0900, 14.5600], [46.0850, 14.5850], [46.0800, 14.6100], [46.0780, 14.6450]],
    [[45.9960, 14.4100], [46.0080, 14.4400], [46.0190, 14.4790], [46.0330, 14.5000], [46.0420, 14.5020], [46.0480, 14.5040],
      [46.0513, 14.5065], [46.0523, 14.5140], [46.0525, 14.5270], [46.0530, 14.5480], [46.0590, 14.5800], [46.0690, 14.6200], [46.0780, 14.6450]],
  ];
  const ROADS = [
    [[46.0900, 14.4750], [46.0700, 14.4620], [46.0520, 14.4570], [46.0370, 14.4540], [46.0300, 14.4680], [46.0260, 14.4900],
      [46.0220, 14.5150], [46.0200, 14.5400], [46.0270, 14.5680], [46.0420, 14.5820], [46.0600, 14.5830], [46.0760, 14.5720],
      [46.0830, 14.5500], [46.0850, 14.5300], [46.0890, 14.5080], [46.0900, 14.4750]],
    [[46.0520, 14.5060], [46.0600, 14.4970], [46.0720, 14.4880], [46.0900, 14.4750], [46.1010, 14.4660]],
    [[46.0520, 14.5060], [46.0640, 14.5100], [46.0850, 14.5130], [46.0970, 14.5300], [46.1040, 14.5330]],
    [[46.0500, 14.5020], [46.0460, 14.4860], [46.0400, 14.4700], [46.0340, 14.4400]],
    [[46.0480, 14.5080], [46.0380, 14.5130], [46.0220, 14.5330], [46.0100, 14.5480]],
    [[46.0550, 14.5150], [46.0610, 14.5400], [46.0640, 14.5680], [46.0680, 14.6000]],
  ];
  const PLACES = [["Center", 46.0511, 14.5051], ["Šiška", 46.0700, 14.4880], ["Bežigrad", 46.0690, 14.5140], ["Moste", 46.0540, 14.5400],
    ["Vič", 46.0410, 14.4800], ["Rudnik", 46.0270, 14.5380], ["Šentvid", 46.0980, 14.4640], ["Črnuče", 46.1030, 14.5350],
    ["Polje", 46.0580, 14.5830], ["Dravlje", 46.0830, 14.4800], ["Trnovo", 46.0390, 14.5000], ["Rožnik", 46.0550, 14.4780]];

  /* The main roads of our own map, asked for once a page; the sketch where there is none. */
  let roads = null;
  function mainRoads() {
    const sketch = { lines: ROADS, credit: "" };
    const source = document.querySelector("script[data-ground]");
    roads ??= source
      ? fetch(source.dataset.ground).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
        .then((data) => ({ lines: data.lines.map(decoded), credit: data.credit })).catch(() => sketch)
      : Promise.resolve(sketch);
    return roads;
  }

  /* Whom to name for what is drawn; the same name shows once. */
  function name(map, credit) {
    (map.attributionControl || (map.attributionControl = L.control.attribution({ prefix: false }).addTo(map))).addAttribution(credit);
  }

  function ground(map, element) {
    if (element.dataset.tileUrl) {
      L.tileLayer(element.dataset.tileUrl, { maxZoom: 19, attribution: element.dataset.tileAttribution || "" }).addTo(map);
      return;
    }
    const Grid = L.GridLayer.extend({ createTile: () => Object.assign(document.createElement("div"), { className: "map__grid" }) });
    new Grid({ minZoom: 8, maxZoom: 18 }).addTo(map);
    WATER.forEach((line) => L.polyline(line, { className: "map__water", weight: 4, opacity: 0.35, interactive: false, smoothFactor: 1 }).addTo(map));
    mainRoads().then(({ lines, credit }) => {
      L.polyline(lines, { className: "map__road", weight: 2, opacity: 0.55, interactive: false }).addTo(map).bringToBack();
      if (credit) name(map, credit);
    });
    PLACES.forEach(([name, lat, lon]) => L.marker([lat, lon], {
      interactive: false, keyboard: false,
      icon: L.divIcon({ className: "map__place", iconSize: [0, 0], html: `<span>${name}</span>` }),
    }).addTo(map));
  }

  /* The corners of an encoded polyline. */
  function decoded(path) {
    const points = [];
    const at = [0, 0];
    let index = 0;
    while (index < path.length) {
      for (const axis of [0, 1]) {
        let value = 0;
        let shift = 0;
        let part;
        do {
          part = path.charCodeAt(index) - 63;
          index += 1;
          value |= (part & 0x1f) << shift;
          shift += 5;
        } while (part >= 0x20);
        at[axis] += value & 1 ? ~(value >> 1) : value >> 1;
      }
      points.push([at[0] / 1e5, at[1] / 1e5]);
    }
    return points;
  }

  function icon(marker, selected) {
    const names = ["pin"];
    if (marker.kind && marker.kind !== "stop") names.push("pin--" + marker.kind);
    if (marker.state) names.push("pin--" + marker.state);
    if (marker.route) names.push("route-" + (((marker.route - 1) % 8) + 1));
    if (selected) names.push("pin--on");
    const dot = document.createElement("span");
    dot.className = names.join(" ");
    dot.textContent = marker.label ?? "";
    const here = marker.kind === "here";
    return L.divIcon({ className: "", iconSize: [26, 26], iconAnchor: here ? [14, 32] : [13, 13], html: dot.outerHTML });
  }

  window.plinMap = (element, options = {}) => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(element, { zoomAnimation: !still, fadeAnimation: false, markerZoomAnimation: !still, attributionControl: Boolean(element.dataset.tileUrl) })
      .setView(options.center || CENTRE, options.zoom || 12);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    ground(map, element);
    const zones = L.layerGroup().addTo(map);
    const routes = L.layerGroup().addTo(map);
    const pins = L.layerGroup().addTo(map);
    const known = new Map();
    let selected = null;
    let onSelect = () => {};
    let here = null;
    let credited = "";

    const handle = {
      leaflet: map,
      update(data) {
        if (data.credit && data.credit !== credited) {
          credited = data.credit;
          name(map, credited);
        }
        if (data.zone !== undefined) {
          zones.clearLayers();
          if (data.zone && data.zone.length) {
            L.polygon(data.zone, { className: "map__zone", weight: 2, dashArray: "6 4", fillOpacity: 0.05, interactive: false }).addTo(zones);
          }
        }
        if (data.routes) {
          routes.clearLayers();
          data.routes.forEach((route) => L.polyline(route.path ? decoded(route.path) : route.points, {
            className: "route-" + (((route.route - 1) % 8) + 1), weight: 4, opacity: 0.85, interactive: false,
          }).addTo(routes));
        }
        if (data.markers) {
          pins.clearLayers();
          known.clear();
          data.markers.forEach((marker) => {
            const pin = L.marker([marker.lat, marker.lon], {
              icon: icon(marker, marker.id === selected), title: marker.title || "", alt: marker.title || "",
              interactive: marker.id !== undefined, keyboard: marker.id !== undefined,
            });
            if (marker.id !== undefined) {
              known.set(marker.id, { marker, pin });
              pin.on("click keypress", (event) => {
                if (event.type === "click" || event.originalEvent.key === "Enter") onSelect(marker.id, marker);
              });
            }
            pin.addTo(pins);
          });
        }
        return handle;
      },
      select(id, pan = false) {
        const before = known.get(selected);
        selected = id;
        if (before) before.pin.setIcon(icon(before.marker, false));
        const found = known.get(id);
        if (!found) return;
        found.pin.setIcon(icon(found.marker, true));
        if (pan) map.panInside(found.pin.getLatLng(), { padding: [40, 40], animate: !still });
      },
      onSelect(callback) { onSelect = callback; return handle; },
      /* The person puts one pin; callback(lat, lon). */
      onPlace(callback) {
        map.on("click", (event) => { handle.place(event.latlng.lat, event.latlng.lng, callback); callback(event.latlng.lat, event.latlng.lng); });
        return handle;
      },
      place(lat, lon, callback) {
        if (!here) {
          here = L.marker([lat, lon], { icon: icon({ kind: "here" }), draggable: Boolean(callback), keyboard: true }).addTo(map);
          if (callback) here.on("dragend", () => { const at = here.getLatLng(); callback(at.lat, at.lng); });
        }
        here.setLatLng([lat, lon]);
        return handle;
      },
      unplace() {
        if (here) here.remove();
        here = null;
        return handle;
      },
      fit() {
        const points = [...pins.getLayers().map((pin) => pin.getLatLng()), ...routes.getLayers().flatMap((line) => line.getLatLngs())];
        const bounds = points.length ? L.latLngBounds(points) : (zones.getLayers()[0] && zones.getLayers()[0].getBounds());
        if (bounds) map.fitBounds(bounds, { padding: [28, 28], maxZoom: 15, animate: false });
        return handle;
      },
    };
    handle.update(options);
    if (!options.center) handle.fit();
    if (window.ResizeObserver) new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
    return handle;
  };
})();
