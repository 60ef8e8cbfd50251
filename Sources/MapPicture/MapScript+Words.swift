// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

/// What the page says of a cell.
extension MapScript {
  static let words = #"""
    const hex = frame => "0x" + (BigInt(frame) << 12n).toString(16);
    const sizeText = frames => {
      if (frames < 256) return frames * 4 + " KiB";
      const wide = frames >= 2 ** 18 * 10;
      const number = frames / (wide ? 2 ** 18 : 256);
      return (Math.round(number * 10) / 10) + (wide ? " GiB" : " MiB");
    };
    const range = (start, count) => "<code>" + hex(start) + "</code>&ndash;<code>"
      + "0x" + ((BigInt(start + count) << 12n) - 1n).toString(16) + "</code>";
    const frames = count => count + (count === 1 ? " frame" : " frames");

    // The whole run that a segment is of: its neighbours may differ by what
    // would be lent.
    const wholeRun = i => {
      const [name, veto] = sorts[sortOf[i]];
      const belongs = (j, start, end) => j >= 0 && j < starts.length
        && sorts[sortOf[j]][0] === name && sorts[sortOf[j]][1] === veto
        && certain[j] === counts[j]
        && (starts[j] + counts[j] === start || starts[j] === end);
      let low = starts[i], high = starts[i] + counts[i];
      for (let j = i - 1; belongs(j, low, -1); j--) low = starts[j];
      for (let j = i + 1; belongs(j, -1, high); j++)
        high = starts[j] + counts[j];
      return [low, high - low];
    };
    const lendWords = i => {
      const [, veto, shelf] = sorts[sortOf[i]];
      return shelf ? `would be lent, copy ${shelf}`
        : veto ? `kept: ${veto}` : "may be lent";
    };
    const swatch = paint => `<i class="p${paint}"></i>`;

    // A cell in words, as HTML; nothing in it comes out of the core file but
    // numbers.
    const describe = (index, level) => {
      const size = 4 ** (order - level), start = index * size;
      const first = frameAt(start), rows = [];
      const found = [];
      let total = 0, lent = 0;
      eachRun(start, start + size, (run, count) => {
        found.push([run, count]);
        total += count;
        lent += lendable[run] * count / counts[run];
      });
      rows.push(`<b>${range(first, size)}</b> <span>${sizeText(size)}</span>`);
      if (size === 1) rows.push(`<span>frame</span> ${first}`);
      if (!found.length) {
        const next = lastUpTo(places, start) + 1;
        const low = next ? starts[next - 1] + counts[next - 1] : 0;
        rows.push("no memory here");
        if (next < starts.length && starts[next] > low)
          rows.push(`<span>hole</span> ${range(low, starts[next] - low)} `
            + sizeText(starts[next] - low));
        return rows.map(row => `<div>${row}</div>`).join("");
      }
      found.sort((a, b) => b[1] - a[1]);
      const [main] = found[0];
      if (found.length === 1 && certain[main] === counts[main]) {
        const [name] = sorts[sortOf[main]];
        rows.push(`${swatch(paints[main])}<b>${name}</b>, ${lendWords(main)}`);
      } else {
        const sums = new Map();
        for (const [run, count] of found) {
          const key = sortOf[run];
          const sum = sums.get(key) || [run, 0, false];
          sum[1] += count;
          sum[2] ||= certain[run] < counts[run];
          sums.set(key, sum);
        }
        const list = [...sums.values()].sort((a, b) => b[1] - a[1]);
        for (const [run, count, isMixed] of list.slice(0, 5))
          rows.push(`${swatch(paints[run])}${isMixed ? "mostly " : ""}<b>`
            + `${sorts[sortOf[run]][0]}</b>, ${lendWords(run)} <span>`
            + `${sizeText(count)}</span>`);
        if (list.length > 5)
          rows.push(`<span>and ${list.length - 5} more sorts</span>`);
        rows.push(`<span>${frames(total)}, of which `
          + `${Math.round(lent)} may be lent</span>`);
      }
      if (certain[main] === counts[main]) {
        const [low, count] = wholeRun(main);
        rows.push(`<span>run</span> ${range(low, count)} `
          + `<span>${sizeText(count)}, ${frames(count)}</span>`);
        if (sorts[sortOf[main]][2] && count !== counts[main])
          rows.push(`<span>of it lent</span> `
            + `${range(starts[main], counts[main])} `
            + `<span>${sizeText(counts[main])}</span>`);
      }
      if (nodes.length > 1) {
        const node = nodes.findIndex(n => n[0] <= first && first < n[1]);
        if (node >= 0) rows.push(`<span>node</span> ${node}`);
      }
      return rows.map(row => `<div>${row}</div>`).join("");
    };

    """#
}
