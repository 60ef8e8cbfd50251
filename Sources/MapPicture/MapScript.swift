// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// The page's script, in the order in which it runs.
enum MapScript {
  static let text =
    "\"use strict\";(()=>{\n" + model + drawing + words + input
    + "})();"

  /// What the data say, and what lies in a cell.
  private static let model = #"""
    const byId = id => document.getElementById(id);
    const data = JSON.parse(byId("data").textContent);
    const {order, squares, fold, nodes, sorts} = data;
    const side = 2 ** order, square = 4 ** order, none = 255;

    // Runs: where each begins in memory and in the picture, and of what it is.
    const bytes = Uint8Array.from(atob(data.runs), c => c.charCodeAt(0));
    const starts = [], counts = [], sortOf = [], certain = [], lendable = [];
    for (let at = 0, end = 0; at < bytes.length;) {
      const next = () => {
        let number = 0, unit = 1, byte;
        do {
          byte = bytes[at++];
          number += (byte & 127) * unit;
          unit *= 128;
        } while (byte > 127);
        return number;
      };
      const start = end + next(), count = next(), sort = next();
      const number = sort >> 1, isMixed = sort & 1;
      starts.push(start);
      counts.push(count);
      sortOf.push(number);
      certain.push(isMixed ? next() : count);
      lendable.push(isMixed ? next() : sorts[number][1] ? 0 : count);
      end = start + count;
    }
    // The last of some sorted numbers that is not above one.
    const lastUpTo = (numbers, limit) => {
      let low = 0, high = numbers.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (numbers[middle] <= limit) low = middle + 1; else high = middle;
      }
      return low - 1;
    };
    const foldFrames = fold.map(f => f[0]), foldPlaces = fold.map(f => f[1]);
    const frameAt = place => {
      const i = lastUpTo(foldPlaces, place);
      return foldFrames[i] + place - foldPlaces[i];
    };
    const placeOf = frame => {
      const i = lastUpTo(foldFrames, frame);
      const place = foldPlaces[i] + frame - foldFrames[i];
      return i + 1 < fold.length ? Math.min(place, foldPlaces[i + 1]) : place;
    };
    const places = starts.map(placeOf);
    const paints = sortOf.map(sort => sorts[sort][3]);

    // Hilbert's curve: the cell of a number, and the number of a cell.
    const cellOf = (index, order) => {
      let x = 0, y = 0;
      for (let s = 1, t = index; s < 2 ** order; s *= 2) {
        const digit = t % 4, right = digit >> 1, down = (digit ^ right) & 1;
        if (!down) {
          if (right) { x = s - 1 - x; y = s - 1 - y; }
          [x, y] = [y, x];
        }
        x += s * right;
        y += s * down;
        t = Math.floor(t / 4);
      }
      return [x, y];
    };
    const indexOf = (x, y, order) => {
      let index = 0;
      for (let s = 2 ** order / 2; s >= 1; s /= 2) {
        const right = x >= s ? 1 : 0, down = y >= s ? 1 : 0;
        index += s * s * ((3 * right) ^ down);
        if (right) x -= s;
        if (down) y -= s;
        if (!down) {
          if (right) { x = s - 1 - x; y = s - 1 - y; }
          const z = x; x = y; y = z;
        }
      }
      return index;
    };

    // What most of each cell looks like, cells of 4^(order - level) frames:
    // kept for the levels that fit, made on the spot below.
    const keptLevel = Math.min(order,
      Math.floor(Math.log2(2 ** 20 / squares) / 2));
    const levels = [];
    const mostOf = weights => {
      let best = none, most = 0;
      for (let p = 0; p < weights.length; p++)
        if (weights[p] > most) { most = weights[p]; best = p; }
      return best;
    };
    const weights = new Float64Array(data.paints.length);
    const levelOf = level => {
      if (levels[level]) return levels[level];
      const size = 4 ** (order - level);
      const cells = new Uint8Array(squares * 4 ** level).fill(none);
      let open = -1;
      const close = () => {
        if (open < 0) return;
        cells[open] = mostOf(weights);
        weights.fill(0);
        open = -1;
      };
      for (let i = 0; i < places.length; i++) {
        let place = places[i], left = counts[i];
        while (left > 0) {
          const cell = Math.floor(place / size), room = size - place % size;
          if (cell !== open) close();
          if (room === size && left >= size) {
            const whole = Math.floor(left / size);
            cells.fill(paints[i], cell, cell + whole);
            place += whole * size;
            left -= whole * size;
            continue;
          }
          const part = Math.min(left, room);
          open = cell;
          weights[paints[i]] += part;
          place += part;
          left -= part;
        }
      }
      close();
      return levels[level] = cells;
    };
    // Calls body(run, frames) for what of each run lies in some places.
    const eachRun = (start, end, body) => {
      let i = Math.max(0, lastUpTo(places, start));
      for (; i < places.length && places[i] < end; i++) {
        const low = Math.max(start, places[i]);
        const high = Math.min(end, places[i] + counts[i]);
        if (low < high) body(i, high - low);
      }
    };
    const paintOf = (index, level) => {
      if (level <= keptLevel) return levelOf(level)[index];
      const size = 4 ** (order - level);
      weights.fill(0);
      eachRun(index * size, (index + 1) * size,
        (run, frames) => { weights[paints[run]] += frames; });
      const paint = mostOf(weights);
      weights.fill(0);
      return paint;
    };

    """#
}
