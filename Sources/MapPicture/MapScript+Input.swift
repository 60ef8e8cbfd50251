// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the page's reader does.
extension MapScript {
  static let input = #"""
    const tip = byId("tip");
    const least = () => Math.min(map.clientWidth / width,
      map.clientHeight / side);
    const most = 64;
    const keep = () => {
      view.scale = Math.max(least(), Math.min(most, view.scale));
      const w = width * view.scale, h = side * view.scale;
      const clamp = (at, size, room) => size <= room ? (room - size) / 2
        : Math.min(0, Math.max(room - size, at));
      view.x = clamp(view.x, w, map.clientWidth);
      view.y = clamp(view.y, h, map.clientHeight);
    };
    const whole = () => {
      view.scale = least();
      keep();
      draw();
    };
    const zoom = (factor, x = map.clientWidth / 2, y = map.clientHeight / 2) => {
      const before = view.scale;
      view.scale = Math.max(least(), Math.min(most, before * factor));
      view.x = x - (x - view.x) * view.scale / before;
      view.y = y - (y - view.y) * view.scale / before;
      keep();
      draw();
    };
    // The canvas is as high as the picture, as far as the window is.
    const resize = () => {
      const room = Math.max(240, innerHeight - 250);
      map.style.height = Math.round(Math.min(room,
        Math.max(160, map.clientWidth * side / width))) + "px";
      const isWhole = !resize.done || view.scale <= resize.least * 1.001;
      resize.done = true;
      resize.least = least();
      if (isWhole) whole(); else { keep(); draw(); }
    };
    const show = (left, top) => {
      tip.innerHTML = describe(mark.index, mark.level);
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      const x = left + 18 + box.width > innerWidth ? left - box.width - 14
        : left + 18;
      const y = top + 18 + box.height > innerHeight ? top - box.height - 14
        : top + 18;
      tip.style.left = Math.max(4, x) + "px";
      tip.style.top = Math.max(4, y) + "px";
      draw();
    };
    const hide = () => {
      mark = null;
      tip.hidden = true;
      draw();
    };
    // The cell at a point of the canvas.
    const point = (x, y) => {
      const level = levelNow(), size = view.scale * 2 ** (order - level);
      const column = Math.floor((x - view.x) / size);
      const row = Math.floor((y - view.y) / size), cells = 2 ** level;
      if (column < 0 || row < 0 || row >= cells || column >= cells * squares)
        return null;
      return {level, index: Math.floor(column / cells) * 4 ** level
        + indexOf(column % cells, row, level)};
    };
    const look = event => {
      const box = map.getBoundingClientRect();
      mark = point(event.clientX - box.left, event.clientY - box.top);
      if (mark) show(event.clientX, event.clientY); else hide();
    };
    const lookAt = place => {
      const level = levelNow();
      mark = {level, index: Math.floor(place / 4 ** (order - level))};
      const [x, y] = pointOf(place), box = map.getBoundingClientRect();
      show(box.left + x, box.top + y);
    };

    const pointers = new Map();
    let hasMoved = false;
    map.addEventListener("pointerdown", event => {
      pointers.set(event.pointerId, [event.clientX, event.clientY]);
      map.setPointerCapture(event.pointerId);
      hasMoved = false;
    });
    map.addEventListener("pointermove", event => {
      const last = pointers.get(event.pointerId);
      if (!last) return look(event);
      const box = map.getBoundingClientRect();
      const dx = event.clientX - last[0], dy = event.clientY - last[1];
      if (pointers.size === 1) {
        hasMoved ||= Math.hypot(dx, dy) > 3;
        if (!hasMoved) return;
        map.classList.add("drags");
        view.x += dx;
        view.y += dy;
      } else {
        const other = [...pointers].find(p => p[0] !== event.pointerId)[1];
        const far = p => Math.hypot(p[0] - other[0], p[1] - other[1]);
        const now = [event.clientX, event.clientY];
        zoom(far(now) / Math.max(1, far(last)), other[0] - box.left,
          other[1] - box.top);
      }
      pointers.set(event.pointerId, [event.clientX, event.clientY]);
      keep();
      hide();
    });
    for (const name of ["pointerup", "pointercancel"])
      map.addEventListener(name, event => {
        pointers.delete(event.pointerId);
        map.classList.remove("drags");
        if (!hasMoved) look(event);
      });
    map.addEventListener("pointerleave", () => { if (!pointers.size) hide(); });
    map.addEventListener("wheel", event => {
      event.preventDefault();
      const box = map.getBoundingClientRect();
      const lines = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 400 : 1;
      zoom(2 ** (-event.deltaY * lines / 240), event.clientX - box.left,
        event.clientY - box.top);
      look(event);
    }, {passive: false});
    map.addEventListener("dblclick", event => {
      const box = map.getBoundingClientRect();
      zoom(4, event.clientX - box.left, event.clientY - box.top);
    });
    map.addEventListener("keydown", event => {
      const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
        ArrowDown: [0, 1]};
      const step = steps[event.key];
      if (step) walk(step);
      else if (event.key === "+" || event.key === "=") zoomAtMark(2);
      else if (event.key === "-") zoomAtMark(0.5);
      else if (event.key === "0") whole();
      else if (event.key === "Escape") { choose(null); hide(); }
      else return;
      event.preventDefault();
    });
    const middleOf = mark => pointOf(Math.floor((mark.index + 0.5)
      * 4 ** (order - mark.level)));
    const zoomAtMark = factor => {
      const place = mark
        && Math.floor((mark.index + 0.5) * 4 ** (order - mark.level));
      if (mark) zoom(factor, ...middleOf(mark)); else zoom(factor);
      if (mark) lookAt(place);
    };
    // Goes on by a cell, or by as many as are a step to the eye.
    const walk = ([dx, dy]) => {
      const size = view.scale * 2 ** (order - levelNow());
      const step = Math.max(1, Math.round(8 / size)) * size;
      let [x, y] = mark ? middleOf(mark)
        : [map.clientWidth / 2, map.clientHeight / 2];
      if (mark) { x += dx * step; y += dy * step; }
      const margin = 24;
      view.x -= Math.min(0, x - margin)
        + Math.max(0, x - map.clientWidth + margin);
      view.y -= Math.min(0, y - margin)
        + Math.max(0, y - map.clientHeight + margin);
      const [oldX, oldY] = [view.x, view.y];
      keep();
      x = Math.min(map.clientWidth - 1, Math.max(0, x + view.x - oldX));
      y = Math.min(map.clientHeight - 1, Math.max(0, y + view.y - oldY));
      const found = point(x, y);
      if (!found) return draw();
      mark = found;
      const box = map.getBoundingClientRect();
      show(box.left + x, box.top + y);
    };

    const onAxis = event => {
      const box = axis.getBoundingClientRect();
      const part = Math.min(0.999999, Math.max(0,
        (event.clientX - box.left) / box.width));
      return Math.floor(part * data.positions);
    };
    axis.addEventListener("pointermove", event => {
      const level = levelNow();
      mark = {level, index: Math.floor(onAxis(event) / 4 ** (order - level))};
      show(event.clientX, event.clientY);
    });
    axis.addEventListener("pointerleave", hide);
    axis.addEventListener("click", event => {
      goTo(onAxis(event), view.scale);
    });
    // Puts a place of the line into the middle.
    const goTo = (place, scale) => {
      view.scale = Math.max(least(), Math.min(most, scale));
      const [x, y] = pointOf(place);
      view.x += map.clientWidth / 2 - x;
      view.y += map.clientHeight / 2 - y;
      keep();
      lookAt(place);
    };
    byId("in").addEventListener("click", () => zoom(2));
    byId("out").addEventListener("click", () => zoom(0.5));
    byId("all").addEventListener("click", whole);
    byId("go").addEventListener("submit", event => {
      event.preventDefault();
      const field = byId("where"), text = field.value.trim();
      const isAddress = /^0x[0-9a-f]{1,16}$/i.test(text);
      const isFrame = /^(pfn *)?[0-9]{1,15}$/i.test(text);
      const frame = isAddress ? Number(BigInt(text) >> 12n)
        : Number(text.replace(/^pfn */i, ""));
      const last = starts[starts.length - 1] + counts[counts.length - 1];
      const isThere = (isAddress || isFrame) && frame < last;
      field.setCustomValidity(isThere ? ""
        : `An address such as ${hex(starts[0])}, or a frame number below `
          + `${last}.`);
      if (isThere) goTo(placeOf(frame), 12); else field.reportValidity();
    });
    byId("where").addEventListener("input",
      () => byId("where").setCustomValidity(""));

    const buttons = [...document.querySelectorAll("#legend button")];
    const choose = button => {
      const isOn = button && button.getAttribute("aria-pressed") !== "true";
      for (const other of buttons)
        other.setAttribute("aria-pressed", isOn && other === button);
      chosen = isOn ? new Set(button.dataset.paints.split(" ").map(Number))
        : null;
      draw();
    };
    for (const button of buttons)
      button.addEventListener("click", () => choose(button));
    dark.addEventListener("change", draw);
    new ResizeObserver(resize).observe(byId("stage"));
    addEventListener("resize", resize);
    resize();

    """#
}
