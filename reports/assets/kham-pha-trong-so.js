// Trọng số: điểm, thứ hạng, độ chắc chắn của một chỉ số cấp tỉnh, tính lại mỗi khi người đọc kéo một trọng số.
"use strict";
(() => {
  const { data, zone, number, percent, el, svg, slider, table, tell, stateful, random, quantile } = KhamPha;
  const { pillars, indicators, units, x } = data;
  const n = units.length;
  const sum = (list) => list.reduce((total, value) => total + value, 0);
  const START = 5; // điểm trọng số của thanh kéo khi chưa đổi
  const FEW = 15;
  const field = (id) => document.getElementById(id);

  // ---- Phép tính (đối chiếu với bản trên máy chủ: sai khác không quá 1e-9) ----
  // Trọng số riêng → phần của từng chỉ số trong điểm chung.
  const shares = (p, w) => {
    const whole = sum(p);
    const result = new Array(indicators.length).fill(0);
    pillars.forEach((pillar, place) => {
      const below = sum(pillar.indicators.map((at) => w[at]));
      for (const at of pillar.indicators) result[at] = p[place] / whole * (w[at] / below);
    });
    return result;
  };
  const pillarScores = (w) => x.map((row) => pillars.map((pillar) =>
    sum(pillar.indicators.map((at) => w[at] * row[at])) / sum(pillar.indicators.map((at) => w[at]))));
  const dot = (a, b) => { let total = 0; for (let i = 0; i < a.length; i += 1) total += a[i] * b[i]; return total; };
  // Hạng 1 cho điểm cao nhất; điểm giống nhau đến 12 chữ số thì chung hạng nhỏ.
  const ranks = (scores) => {
    const top = Math.max(...scores.map(Math.abs));
    const margin = 1e-12 * 10 ** (top > 0 ? Math.ceil(Math.log10(top)) : 0);
    const order = scores.map((_, place) => place).sort((a, b) => scores[b] - scores[a]);
    const result = new Array(scores.length);
    order.forEach((at, place) => {
      const before = order[place - 1];
      result[at] = place && scores[before] - scores[at] <= margin ? result[before] : place + 1;
    });
    return result;
  };
  // Khoảng dao động lớn nhất mà thứ tự của hai tỉnh vẫn giữ: Σ w d ÷ Σ w |d|. Chính xác, không rút ngẫu nhiên.
  const margin = (weight, one, two) => {
    let gap = 0;
    let size = 0;
    for (let i = 0; i < weight.length; i += 1) {
      const apart = weight[i] * (one[i] - two[i]);
      gap += apart;
      size += Math.abs(apart);
    }
    return size > 1e-12 ? gap / size : 0;
  };
  const bounds = (weight, parts, scores, spread) => {
    const sure = { above: new Array(n).fill(0), below: new Array(n).fill(0), pairs: 0, unsure: units.map(() => []) };
    for (let i = 0; i < n; i += 1) {
      for (let j = i + 1; j < n; j += 1) {
        const [one, two] = scores[i] >= scores[j] ? [i, j] : [j, i];
        if (margin(weight, parts[one], parts[two]) > spread + 1e-12) {
          sure.above[one] += 1;
          sure.below[two] += 1;
          sure.pairs += 1;
        } else {
          sure.unsure[i].push(j);
          sure.unsure[j].push(i);
        }
      }
    }
    return { ...sure, best: sure.below.map((count) => 1 + count), worst: sure.above.map((count) => n - count) };
  };
  const tried = (weight, parts, spread, top) => {
    const next = random(57);
    const seen = units.map(() => new Float64Array(data.draws));
    const inside = new Array(n).fill(0);
    const scores = new Float64Array(n);
    const drawn = new Array(weight.length);
    for (let draw = 0; draw < data.draws; draw += 1) {
      for (let k = 0; k < weight.length; k += 1) drawn[k] = weight[k] * (1 + spread * (2 * next() - 1));
      for (let i = 0; i < n; i += 1) scores[i] = dot(drawn, parts[i]);
      for (let i = 0; i < n; i += 1) {
        let rank = 1;
        for (let j = 0; j < n; j += 1) if (scores[j] > scores[i] + 1e-9) rank += 1;
        seen[i][draw] = rank;
        if (rank <= top) inside[i] += 1;
      }
    }
    return seen.map((values, place) => {
      values.sort();
      return { low: Math.round(quantile(values, 0.05)), high: Math.round(quantile(values, 0.95)), inside: inside[place] / data.draws };
    });
  };
  // Thay đổi nhỏ nhất của phần một trụ cột (các trụ cột khác giữ tỷ lệ với nhau) để một tỉnh vào nhóm k tỉnh đầu.
  const reach = (p, parts, own, top) => {
    const whole = sum(p);
    let best = null;
    pillars.forEach((pillar, place) => {
      const now = p[place] / whole;
      const rest = whole - p[place];
      if (pillars.length < 2 || rest <= 0) return;
      const lines = parts.map((row) => [row[place], sum(row.map((value, at) => at === place ? 0 : value * p[at])) / rest]);
      const score = (line, share) => share * line[0] + (1 - share) * line[1];
      const candidates = [now, 0, 1];
      lines.forEach((line, at) => {
        const slope = (lines[own][0] - lines[own][1]) - (line[0] - line[1]);
        const cross = at === own || slope === 0 ? NaN : (line[1] - lines[own][1]) / slope;
        if (cross >= 0 && cross <= 1) candidates.push(cross);
      });
      candidates.sort((a, b) => Math.abs(a - now) - Math.abs(b - now));
      const share = candidates.find((value) => {
        const mine = score(lines[own], value);
        return lines.filter((line, at) => at !== own && score(line, value) > mine + 1e-9).length < top;
      });
      if (share !== undefined && (!best || Math.abs(share - now) < best.moved)) best = { place, now, share, moved: Math.abs(share - now) };
    });
    return best;
  };
  // Chỉ một chỉ số thành phần của tỉnh tăng, mọi thứ khác giữ nguyên; không quá mức tốt nhất đã có tỉnh đạt.
  const alone = (weight, scores, own, top) => {
    const others = scores.filter((_, at) => at !== own).sort((a, b) => b - a);
    const gap = others[Math.min(top, others.length) - 1] - scores[own];
    return indicators.map((indicator, at) => {
      const column = x.map((row) => row[at]);
      const best = Math.max(...column);
      const needed = x[own][at] + Math.max(gap, 0) / weight[at];
      const spread = best - Math.min(...column);
      const there = column.filter((value, unit) => unit !== own && value >= needed - 1e-9).length / (n - 1);
      return { at, change: needed - x[own][at], needed, possible: weight[at] > 0 && needed <= best + 1e-9, order: (needed - x[own][at]) / spread, there };
    }).filter((row) => row.possible).sort((a, b) => a.order - b.order);
  };

  // ---- Trạng thái và điều khiển ----
  const originalP = pillars.map((pillar) => pillar.weight);
  const originalW = indicators.map((indicator) => indicator.weight);
  const original = shares(originalP, originalW);
  const firstScores = x.map((row) => dot(original, row));
  const firstRanks = ranks(firstScores);
  const byName = units.map((_, at) => at).sort((a, b) => units[a].name.localeCompare(units[b].name, "vi"));
  const chosenFirst = units[firstRanks.indexOf(Math.min(...firstRanks.filter((rank) => rank > data.top)))].code;
  const defaults = { dao: Math.round(data.spread * 100), cap: "2", tinh: chosenFirst, so: "", dau: data.top };
  pillars.forEach((pillar) => { defaults[pillar.code] = START; });
  indicators.forEach((indicator) => { defaults[indicator.code] = START; });

  const say = (value) => number(value, value % 1 ? 1 : 0);
  const knobs = {};
  const knob = (code, name, home) => {
    const made = slider({ id: `ts-${code}`, label: name, min: 0, max: 10, step: 0.5, say, act: (value) => store.set({ [code]: value }) });
    knobs[code] = made;
    home.append(made.node);
  };
  pillars.forEach((pillar) => knob(pillar.code, pillar.name, zone("tru-cot")));
  pillars.forEach((pillar) => {
    const box = el("fieldset", null, el("legend", null, pillar.name));
    pillar.indicators.forEach((at) => knob(indicators[at].code, indicators[at].name, box));
    zone("chi-so").append(box);
  });
  const spreadKnob = slider({
    id: "ts-dao-dong", label: "Mỗi trọng số dao động quanh mức đang chọn", min: 5, max: 95, step: 5, say: (value) => `±${number(value)}%`,
    act: (value) => store.set({ dao: value }),
  });
  zone("dao-dong").append(spreadKnob.node);
  const option = (at) => el("option", { value: units[at].code }, units[at].name);
  field("tinh-chon").append(...byName.map(option));
  field("tinh-so").append(el("option", { value: "" }, "tỉnh đứng ngay trên"), ...byName.map(option));
  field("hang-dau").max = n - 1;
  field("tang").addEventListener("change", (event) => store.set({ cap: event.target.value }));
  field("tinh-chon").addEventListener("change", (event) => store.set({ tinh: event.target.value }));
  field("tinh-so").addEventListener("change", (event) => store.set({ so: event.target.value }));
  field("hang-dau").addEventListener("change", (event) => store.set({ dau: event.target.value }));

  const HEADS = [
    { text: "Hạng", right: true, class: "o-hang" }, { text: "Tỉnh, thành phố", class: "o-tinh" }, { text: "Điểm", right: true, label: true }, { text: "So với gốc", label: true },
    { text: `Hạng 1 → ${number(n)}`, class: "o-hinh" }, { text: "90% lượt thử", right: true, label: true }, { text: "Chắc chắn trong", right: true, label: true },
    { text: "Vào nhóm đầu", right: true, label: true },
  ];
  const list = table({ caption: "Thứ hạng theo trọng số đang chọn", heads: HEADS, few: FEW });
  zone("bang").append(list.box);
  const reachTable = table({
    caption: "Chỉ một chỉ số thành phần tăng, mọi thứ khác giữ nguyên",
    heads: [{ text: "Chỉ số thành phần" }, { text: "Hiện nay", right: true, label: true }, { text: "Phải đạt", right: true, label: true }, { text: "Tỉnh khác đã đạt mức ấy", right: true, label: true }], few: 5,
  });

  const W = 240;
  const place = (rank) => 6 + (rank - 1) / (n - 1) * (W - 12);
  const picture = (now, first, low, high, best, worst) => svg("svg", { viewBox: `0 0 ${W} 20`, class: "dai-hang", "aria-hidden": "true", focusable: "false" },
    svg("line", { x1: place(1), x2: place(n), y1: 10, y2: 10, class: "truc" }),
    svg("rect", { x: place(best) - 3, width: place(worst) - place(best) + 6, y: 7.5, height: 5, class: "chac" }),
    svg("rect", { x: place(low) - 3, width: place(high) - place(low) + 6, y: 5, height: 10, class: "luot" }),
    svg("circle", { cx: place(first), cy: 10, r: 4, class: "goc" }),
    svg("circle", { cx: place(now), cy: 10, r: 4.5, class: "nay" }));
  const between = (low, high) => low === high ? number(low) : `${number(low)} – ${number(high)}`;
  const moved = (now, first) => now === first ? "=" : now < first ? `▲ ${number(first - now)}` : `▼ ${number(now - first)}`;

  const read = (state) => {
    const weight = (code) => { const value = Number(state[code]); return value >= 0 && value <= 10 ? value : START; };
    const unit = units.findIndex((entry) => entry.code === state.tinh);
    return {
      p: pillars.map((pillar) => weight(pillar.code) / START * pillar.weight),
      w: indicators.map((indicator) => weight(indicator.code) / START * indicator.weight),
      spread: Math.min(Math.max(Number(state.dao) || 25, 5), 95) / 100,
      level: state.cap === "1" ? 1 : 2,
      own: unit < 0 ? units.findIndex((entry) => entry.code === chosenFirst) : unit,
      against: units.findIndex((entry) => entry.code === state.so),
      top: Math.min(Math.max(Math.round(Number(state.dau)) || data.top, 1), n - 1),
    };
  };

  const draw = (state) => {
    const { p, w, spread, level, own, against, top } = read(state);
    for (const [code, made] of Object.entries(knobs)) made.set(Number(state[code]));
    spreadKnob.set(Math.round(spread * 100));
    field("tang").value = String(level);
    field("tinh-chon").value = units[own].code;
    field("tinh-so").value = against < 0 ? "" : units[against].code;
    field("hang-dau").value = top;
    const usable = sum(p) > 0 && pillars.every((pillar, at) => p[at] === 0 || sum(pillar.indicators.map((i) => w[i])) > 0);
    KhamPha.root.classList.toggle("khong-tinh-duoc", !usable);
    if (!usable) {
      tell(zone("ket-luan"), "Chưa tính được: mỗi trụ cột được tính phải có ít nhất một trọng số lớn hơn 0.");
      return;
    }
    const weight = shares(p, w);
    weight.forEach((value, at) => { if (!Number.isFinite(value)) weight[at] = 0; });
    const shareOf = (made, value) => {
      made.node.querySelector("output").textContent = percent(value, 1);
      made.input.setAttribute("aria-valuetext", `${say(Number(made.input.value))} trên 10, tức ${percent(value, 1)} điểm chung`);
    };
    pillars.forEach((pillar, at) => shareOf(knobs[pillar.code], p[at] / sum(p)));
    indicators.forEach((indicator, at) => shareOf(knobs[indicator.code], weight[at]));
    const scores = x.map((row) => dot(weight, row));
    const now = ranks(scores);
    const kept = pillars.map((_, at) => at).filter((at) => p[at] > 0);
    const safe = w.map((value, at) => pillars.some((pillar) => pillar.indicators.includes(at) && sum(pillar.indicators.map((i) => w[i])) === 0) ? 1 : value);
    const byPillar = pillarScores(safe);
    const parts = level === 1 ? x : byPillar;
    const levelWeight = level === 1 ? weight : pillars.map((_, at) => p[at] / sum(p));
    const sure = bounds(levelWeight, parts, scores, spread);
    const trials = tried(levelWeight, parts, spread, top);
    const order = units.map((_, at) => at).sort((a, b) => scores[b] - scores[a]);
    KhamPha.result = { scores, ranks: now, best: sure.best, worst: sure.worst, pairs: sure.pairs, trials };

    list.fill(order.map((at) => ({
      key: units[at].code, class: at === own ? "dang-chon" : null, keep: at === own, head: false,
      cells: [
        number(now[at]), units[at].name, number(scores[at], 2), moved(now[at], firstRanks[at]),
        picture(now[at], firstRanks[at], trials[at].low, trials[at].high, sure.best[at], sure.worst[at]),
        between(trials[at].low, trials[at].high), between(sure.best[at], sure.worst[at]), percent(trials[at].inside),
      ],
    })));

    const changed = now.filter((rank, at) => rank !== firstRanks[at]).length;
    const most = now.reduce((best, rank, at) => Math.abs(rank - firstRanks[at]) > Math.abs(now[best] - firstRanks[best]) ? at : best, 0);
    const whole = n * (n - 1) / 2;
    const width = `±${percent(spread)}`;
    tell(zone("ket-luan"), (changed
      ? `${number(changed)} trong ${number(n)} tỉnh đổi hạng so với trọng số gốc; ${units[most].name} đổi nhiều nhất: từ hạng ${number(firstRanks[most])} sang hạng ${number(now[most])}. `
      : "Đang ở trọng số gốc. ")
      + `${units[own].name} hạng ${number(now[own])} (${number(scores[own], 2)} điểm), chắc chắn trong khoảng ${between(sure.best[own], sure.worst[own])} khi mọi trọng số dao động ${width}. `
      + `${percent(sure.pairs / whole)} số cặp tỉnh giữ nguyên thứ tự với mọi trọng số trong khoảng ấy.`);

    const goal = `nhóm ${number(top)} tỉnh dẫn đầu`;
    const found = kept.length < 2 ? null : reach(p, byPillar, own, top);
    const box = zone("can-gi");
    if (now[own] <= top) {
      const lead = `${units[own].name} đang ở trong ${goal} (hạng ${number(now[own])}); giữ được vị trí này ở ${percent(trials[own].inside)} số lượt thử trọng số dao động ${width}.`;
      box.replaceChildren(el("p", null, lead));
      KhamPha.result.reach = { moved: 0, alone: [] };
    } else {
      const single = alone(weight, scores, own, top);
      KhamPha.result.reach = { moved: found ? found.moved : null, alone: single };
      const first = found
        ? `Đổi trọng số: phải đưa trụ cột “${pillars[found.place].name}” từ ${percent(found.now, 1)} ${found.share > found.now ? "lên" : "xuống"} ${percent(found.share, 1)} điểm chung, tức chuyển ${percent(found.moved, 1)} tổng trọng số`
          + ` (${Math.abs(found.share / found.now - 1) <= spread && Math.abs((1 - found.share) / (1 - found.now) - 1) <= spread ? "trong" : "ngoài"} mức dao động ${width}).`
        : "Đổi trọng số của trụ cột: không mức nào đủ.";
      const chance = ` Khi trọng số dao động ${width}, ${units[own].name} vào ${goal} ở ${percent(trials[own].inside)} số lượt thử.`;
      box.replaceChildren(el("p", null, first + chance), single.length
        ? reachTable.box
        : el("p", null, "Chỉ một chỉ số thành phần tăng: không chỉ số nào đủ, kể cả khi lên bằng tỉnh tốt nhất."));
      const back = (at, score) => { const [low, high] = indicators[at].posts; return low + score / 100 * (high - low); };
      reachTable.fill(single.map((row) => ({ cells: [
        indicators[row.at].name, number(back(row.at, x[own][row.at]), 2), `${number(back(row.at, row.needed), 2)} (+${number(back(row.at, row.needed) - back(row.at, x[own][row.at]), 2)})`, percent(row.there),
      ] })));
    }

    const ahead = order[Math.max(order.indexOf(own) - 1, 0)];
    const other = against >= 0 && against !== own ? against : ahead === own ? order[1] : ahead;
    const [up, down] = scores[own] >= scores[other] ? [own, other] : [other, own];
    const held = margin(levelWeight, parts[up], parts[down]);
    KhamPha.result.margin = held;
    zone("hai-tinh").textContent = `${units[up].name} đứng trên ${units[down].name} (hơn ${number(scores[up] - scores[down], 2)} điểm). `
      + (held >= 1 - 1e-12 ? "Thứ tự này giữ với mọi trọng số." : held > spread
        ? `Thứ tự này chắc chắn khi trọng số dao động ${width}; chỉ có thể đảo khi dao động từ ±${percent(held, 1)}.`
        : `Thứ tự này chưa chắc: có trọng số trong khoảng ${width} làm nó đảo lại (từ mức dao động ±${percent(Math.max(held, 0), 1)}).`);
    const unsure = sure.unsure[own].sort((a, b) => now[a] - now[b]).map((at) => units[at].name);
    zone("chua-ro").textContent = `${units[own].name} chắc chắn đứng trên ${number(sure.above[own])} tỉnh, chắc chắn đứng dưới ${number(sure.below[own])} tỉnh`
      + (unsure.length ? `; chưa phân định với ${number(unsure.length)} tỉnh: ${unsure.join(", ")}.` : ".");
  };
  const store = stateful(defaults, draw);
  KhamPha.compute = { shares, scores: (p, w) => { const s = shares(p, w); return x.map((row) => dot(s, row)); }, ranks };
  store.start();
})();
