// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// How the page draws.
extension MapScript {
  static let drawing = #"""
    const map = byId("map"), axis = byId("axis");
    const width = side * squares;
    // Where the picture's top left corner is, and pixels for each frame's side.
    const view = {x: 0, y: 0, scale: 1};
    const dark = matchMedia("(prefers-color-scheme: dark)");
    let chosen = null, mark = null, isDue = false;

    const css = name =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const rgb = text => [1, 3, 5].map(i => parseInt(text.substr(i, 2), 16));
    // Each paint as a pixel; those that were not chosen fade.
    const pixels = () => {
      const theme = dark.matches ? 1 : 0;
      const ground = rgb(data.grounds[theme]);
      return Uint32Array.from(data.paints, (paint, p) => {
        const keep = !chosen || chosen.has(p) ? 1 : 0.12;
        const [r, g, b] = rgb(paint[theme])
          .map((c, i) => Math.round(c * keep + ground[i] * (1 - keep)));
        return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
      });
    };
    const fit = canvas => {
      const box = canvas.getBoundingClientRect();
      const ratio = devicePixelRatio || 1;
      const w = Math.max(1, Math.round(box.width * ratio));
      const h = Math.max(1, Math.round(box.height * ratio));
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
      }
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, box.width, box.height);
      return [context, box.width, box.height];
    };
    // The finest level whose cells are two pixels wide.
    const levelNow = () => Math.max(0, Math.min(order,
      Math.floor(order - Math.log2(2 / view.scale))));
    const scratch = document.createElement("canvas");

    const drawMap = () => {
      const [context, w, h] = fit(map);
      const level = levelNow(), cells = 2 ** level;
      const size = view.scale * 2 ** (order - level);
      const x0 = Math.max(0, Math.floor(-view.x / size));
      const y0 = Math.max(0, Math.floor(-view.y / size));
      const x1 = Math.min(cells * squares, Math.ceil((w - view.x) / size));
      const y1 = Math.min(cells, Math.ceil((h - view.y) / size));
      const columns = Math.max(0, x1 - x0), rows = Math.max(0, y1 - y0);
      if (!columns || !rows) return;
      const found = new Uint8Array(columns * rows);
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const column = x + x0, number = Math.floor(column / cells);
          found[y * columns + x] = paintOf(number * 4 ** level
            + indexOf(column % cells, y + y0, level), level);
        }
      const colors = pixels();
      const image = new ImageData(columns, rows);
      const points = new Uint32Array(image.data.buffer);
      for (let i = 0; i < found.length; i++)
        if (found[i] !== none) points[i] = colors[found[i]];
      scratch.width = columns;
      scratch.height = rows;
      scratch.getContext("2d").putImageData(image, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(scratch, view.x + x0 * size, view.y + y0 * size,
        columns * size, rows * size);
      // Around what would be lent.
      context.beginPath();
      const shelf = i => found[i] < 4 ? found[i] : none;
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const i = y * columns + x;
          const left = view.x + (x + x0) * size, top = view.y + (y + y0) * size;
          if (x && shelf(i) !== shelf(i - 1)) {
            context.moveTo(left, top);
            context.lineTo(left, top + size);
          }
          if (y && shelf(i) !== shelf(i - columns)) {
            context.moveTo(left, top);
            context.lineTo(left + size, top);
          }
        }
      context.strokeStyle = css("--ink");
      context.lineWidth = 1.5;
      context.stroke();
      drawGrid(context, w, h);
      drawCopies(context, found, columns,
        i => [view.x + (i % columns + x0) * size,
          view.y + (Math.floor(i / columns) + y0) * size], size);
      drawMark(context);
      map.dataset.view = [view.x, view.y, view.scale, level].join(" ");
      byId("scale").textContent = "a cell: "
        + sizeText(4 ** (order - level));
    };

    // Squares of the curve that are some 140 pixels wide, and where each
    // begins in memory.
    const drawGrid = (context, w, h) => {
      const level = Math.max(0, Math.min(order,
        Math.floor(order - Math.log2(140 / view.scale))));
      const size = view.scale * 2 ** (order - level), cells = 2 ** level;
      context.strokeStyle = css("--ink");
      context.lineWidth = 1;
      context.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
      context.textBaseline = "top";
      for (let x = Math.max(0, Math.floor(-view.x / size));
        x < Math.min(cells * squares, (w - view.x) / size); x++)
        for (let y = Math.max(0, Math.floor(-view.y / size));
          y < Math.min(cells, (h - view.y) / size); y++) {
          const number = Math.floor(x / cells);
          const place = number * square
            + indexOf(x % cells, y, level) * 4 ** (order - level);
          if (place >= data.positions) continue;
          const left = view.x + x * size, top = view.y + y * size;
          context.globalAlpha = 0.16;
          context.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5,
            Math.round(size), Math.round(size));
          context.globalAlpha = 1;
          const text = hex(frameAt(place));
          const room = context.measureText(text).width + 8;
          if (room > size) continue;
          context.globalAlpha = 0.82;
          context.fillStyle = css("--ground");
          context.fillRect(left + 3, top + 3, room, 17);
          context.globalAlpha = 1;
          context.fillStyle = css("--ink");
          context.fillText(text, left + 7, top + 6);
        }
    };

    // The name of each copy where there is most room for it: in the largest
    // square of nothing else, found by the squares that end at its neighbours.
    const drawCopies = (context, found, columns, cornerOf, size) => {
      const sides = new Uint16Array(found.length), best = new Map();
      for (let i = 0; i < found.length; i++) {
        const paint = found[i];
        if (paint > 3) continue;
        const side = i % columns && i >= columns && found[i - 1] === paint
          && found[i - columns] === paint && found[i - columns - 1] === paint
          ? 1 + Math.min(sides[i - 1], sides[i - columns],
            sides[i - columns - 1]) : 1;
        sides[i] = side;
        if (side > (best.get(paint) || [0])[0]) best.set(paint, [side, i]);
      }
      context.font = "600 14px system-ui, 'DejaVu Sans', sans-serif";
      context.textBaseline = "middle";
      context.textAlign = "center";
      context.fillStyle = css("--ground");
      for (const [paint, [side, i]] of best) {
        if (side * size < 70 || chosen && !chosen.has(paint)) continue;
        const [x, y] = cornerOf(i);
        context.fillText("copy " + (paint + 1), x + size - side * size / 2,
          y + size - side * size / 2);
      }
      context.textAlign = "start";
    };

    const drawMark = context => {
      if (!mark) return;
      const level = mark.level, size = view.scale * 2 ** (order - level);
      const number = Math.floor(mark.index / 4 ** level);
      const [x, y] = cellOf(mark.index % 4 ** level, level);
      const left = view.x + (x + number * 2 ** level) * size;
      const top = view.y + y * size, grow = Math.max(0, (9 - size) / 2);
      for (const [ink, wide] of [["--ground", 4], ["--ink", 2]]) {
        context.strokeStyle = css(ink);
        context.lineWidth = wide;
        context.strokeRect(left - grow, top - grow, size + 2 * grow,
          size + 2 * grow);
      }
    };

    // All of memory in one line: what is in sight is underlined.
    const drawAxis = () => {
      const [context, w] = fit(axis);
      const colors = pixels(), high = 14, box = map.getBoundingClientRect();
      const level = Math.min(keptLevel,
        Math.ceil(Math.log2(Math.max(1, w * 4 / squares)) / 2));
      const cells = levelOf(level), size = 4 ** (order - level);
      const votes = new Float64Array(data.paints.length);
      for (let x = 0; x < w; x++) {
        const start = x / w * data.positions;
        const end = (x + 1) / w * data.positions;
        for (let c = Math.floor(start / size); c * size < end; c++)
          if (cells[c] !== none) votes[cells[c]]++;
        const paint = mostOf(votes);
        votes.fill(0);
        if (paint === none) continue;
        const color = colors[paint];
        context.fillStyle = `rgb(${color & 255},${color >> 8 & 255},`
          + `${color >> 16 & 255})`;
        context.fillRect(x, 0, 1, high);
        const [cx, cy] = pointOf(Math.floor((start + end) / 2));
        if (cx >= 0 && cy >= 0 && cx < box.width && cy < box.height) {
          context.fillStyle = css("--focus");
          context.fillRect(x, high + 2, 1, 3);
        }
      }
      context.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
      context.textBaseline = "top";
      context.fillStyle = css("--soft");
      let free = 0;
      const tick = (place, text) => {
        const x = place / data.positions * w;
        const room = context.measureText(text).width;
        const left = Math.max(0, Math.min(w - room, x - room / 2));
        if (left < free) return;
        context.fillRect(x, high + 7, 1, 5);
        context.fillText(text, left, high + 15);
        free = left + room + 16;
      };
      const step = data.positions / Math.max(1, Math.floor(w / 110));
      const unit = 2 ** Math.ceil(Math.log2(step));
      fold.forEach(([frame, place], i) => {
        const end = i + 1 < fold.length ? fold[i + 1][1] : data.positions;
        for (let f = Math.ceil(frame / unit) * unit;
          place + f - frame <= end; f += unit) tick(place + f - frame, hex(f));
      });
      if (mark) {
        const x = (mark.index + 0.5) * 4 ** (order - mark.level)
          / data.positions * w;
        context.fillStyle = css("--ink");
        context.fillRect(x - 1, 0, 3, high);
      }
    };
    // Where a place of the line is on the canvas.
    const pointOf = place => {
      const [x, y] = cellOf(place % square, order);
      return [view.x + (x + 0.5 + Math.floor(place / square) * side)
        * view.scale, view.y + (y + 0.5) * view.scale];
    };
    const draw = () => {
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        drawMap();
        drawAxis();
      });
    };

    """#
}
