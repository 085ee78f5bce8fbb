// Vòng phản hồi: đẩy một nút, xem dấu và dải lan qua từng năm, vòng nào chuyển tải.
"use strict";
(() => {
  const { data, zone, deed, number, percent, el, svg, slider, table, tell, stateful, random, quantile } = KhamPha;
  const { nodes, links, loops, steps: STEPS } = data;
  const n = nodes.length;
  const field = (id) => document.getElementById(id);

  // ---- Phép tính ----
  // Độ mạnh lớn nhất mà một liên kết chưa rõ có thể có: phần còn lại của đích, chia đều; liên kết từ nút không ai tác động thì tới 1.
  const rooms = (kept) => {
    const into = new Array(n).fill(0);
    kept.forEach((link) => { into[link.target] += 1; });
    const taken = new Array(n).fill(0);
    const count = new Array(n).fill(0);
    kept.forEach((link) => {
      if (!into[link.source]) return;
      if (link.strength === null) count[link.target] += 1;
      else taken[link.target] += link.strength;
    });
    return kept.map((link) => into[link.source] ? Math.max(1 - taken[link.target], 0) / Math.max(count[link.target], 1) : 1);
  };
  const signed = (link, room, share, sign) => (link.polarity || sign) * (link.strength === null ? room * share : link.strength);
  const propagate = (kept, strength, pushed, push) => {
    const states = [];
    for (let step = 0; step <= STEPS; step += 1) {
      const state = new Float64Array(n);
      if (step) kept.forEach((link, at) => { if (step >= link.delay) state[link.target] += strength[at] * states[step - link.delay][link.source]; });
      state[pushed] += push;
      states.push(state);
    }
    return states;
  };
  const simulate = (kept, pushed, push) => {
    const room = rooms(kept);
    const next = random(57);
    const seen = Array.from({ length: STEPS + 1 }, () => Array.from({ length: n }, () => new Float64Array(data.draws)));
    for (let draw = 0; draw < data.draws; draw += 1) {
      const strength = kept.map((link, at) => signed(link, room[at], next(), next() < 0.5 ? 1 : -1));
      propagate(kept, strength, pushed, push).forEach((state, step) => state.forEach((value, node) => { seen[step][node][draw] = value; }));
    }
    return seen.map((row) => row.map((values) => {
      let up = 0;
      let down = 0;
      for (const value of values) { if (value > 0) up += 1; else if (value < 0) down += 1; }
      if (!up && !down) return null;
      values.sort();
      return { median: quantile(values, 0.5), low: quantile(values, data.band[0]), high: quantile(values, data.band[1]), up: up / data.draws, down: down / data.draws };
    }));
  };
  // Phần của từng vòng trong thay đổi của cả hệ, theo năm; dương: tự tăng cường, âm: cân bằng.
  const dominance = (kept, own, pushed, push) => {
    const room = rooms(kept);
    const strength = kept.map((link, at) => link.polarity * (link.strength === null ? room[at] / 2 : link.strength));
    const into = new Array(n).fill(0);
    const delays = new Array(n).fill(0);
    kept.forEach((link) => { into[link.target] += 1; delays[link.target] += link.delay; });
    const speed = delays.map((total, node) => total > 0 ? Math.max(into[node], 1) / total : 1);
    const states = [new Float64Array(n)];
    const flows = [];
    for (let at = 0; at < STEPS * data.substeps + 2; at += 1) {
      const moved = new Float64Array(n);
      kept.forEach((link, place) => { moved[link.target] += strength[place] * states[at][link.source]; });
      const flow = moved.map((value, node) => (value + (node === pushed ? push : 0) - states[at][node]) * speed[node]);
      flows.push(flow);
      states.push(states[at].map((value, node) => value + flow[node] / data.substeps));
    }
    states.pop();
    const changes = (rows) => {
      const found = rows.slice(1).map((row, at) => row.map((value, node) => value - rows[at][node]));
      const largest = found.reduce((most, row) => row.reduce((top, value) => Math.max(top, Math.abs(value)), most), 0);
      const least = 1e-12 * Math.max(largest, 1e-300);
      return found.map((row) => row.map((value) => Math.abs(value) < least ? 0 : value));
    };
    const change = changes(states);
    const turned = changes(flows);
    const at = new Map(kept.map((link, place) => [link.source * n + link.target, place]));
    const chains = own.map((loop) => loop.nodes.map((node, place) => at.get(node * n + loop.nodes[(place + 1) % loop.nodes.length])));
    const total = own.map(() => new Float64Array(STEPS));
    const count = new Array(STEPS).fill(0);
    for (let fine = 1; fine < change.length; fine += 1) {
      const score = kept.map((link, place) => {
        const moved = change[fine][link.source];
        const turn = turned[fine][link.target];
        if (!moved || !turn) return 0;
        const partial = strength[place] * speed[link.target] * moved;
        return Math.abs(partial) / Math.abs(turn) * Math.sign(partial) * Math.sign(moved);
      });
      const found = chains.map((chain) => chain.reduce((product, place) => product * score[place], 1));
      const whole = found.reduce((sum, value) => sum + Math.abs(value), 0);
      const step = Math.floor((fine - 1) / data.substeps);
      if (whole > 0 && step < STEPS) {
        count[step] += 1;
        found.forEach((value, loop) => { total[loop][step] += value / whole; });
      }
    }
    return total.map((row) => Array.from(row, (value, step) => count[step] ? value / count[step] : null));
  };
  // Đường dẫn mạnh nhất theo độ mạnh bình quân, từ nút đẩy tới một nút.
  const strongest = (kept, pushed) => {
    const room = rooms(kept);
    const best = new Array(n).fill(null);
    best[pushed] = { size: 1, via: null, from: null, delay: 0 };
    for (let round = 0; round < n; round += 1) {
      let better = false;
      kept.forEach((link, at) => {
        const before = best[link.source];
        if (!before || link.target === pushed) return;
        const size = before.size * (link.strength === null ? room[at] / 2 : link.strength);
        if (!best[link.target] || size > best[link.target].size * (1 + 1e-12)) {
          best[link.target] = { size, via: at, from: link.source, delay: before.delay + link.delay };
          better = true;
        }
      });
      if (!better) break;
    }
    return (node) => {
      const path = [];
      for (let place = node; best[place] && best[place].via !== null; place = best[place].from) path.unshift(best[place].via);
      return { path, delay: best[node]?.delay };
    };
  };

  // ---- Chữ ----
  const strongSign = (entry) => !entry ? 0 : entry.up >= data.sure ? 1 : entry.down >= data.sure ? -1 : 2; // 2: chưa rõ
  const SMALL = 0.1;
  const arrow = { 1: "▲", [-1]: "▼", 2: "?" };
  const inWords = (entry) => !entry ? "chưa tới" : { 1: "tăng", [-1]: "giảm", 2: `chưa rõ chiều (${percent(entry.up)} lượt tăng)` }[strongSign(entry)];
  const look = (entry, node) => {
    const sign = strongSign(entry);
    if (!sign) return "";
    if (sign === 2) return "chua-ro";
    return `${sign * node.desirable > 0 ? "huong-tot" : "huong-xau"}${Math.abs(entry.median) < SMALL ? " nhat" : ""}`;
  };
  const signOf = (link) => ({ 1: "+", [-1]: "−", 0: "?" })[link.polarity];
  const size = (value) => number(value, Math.abs(value) < 0.1 ? 3 : 2);

  // ---- Điều khiển ----
  const groups = [["lever", "Cú hích và chương trình"], ["kpi", "KPI vĩ mô"], ["factor", "Yếu tố khác"]];
  const options = (kinds) => groups.filter(([kind]) => kinds.includes(kind)).map(([kind, name]) => el("optgroup", { label: name },
    nodes.map((node, at) => [node, at]).filter(([node]) => node.kind === kind).map(([node]) => el("option", { value: node.id }, node.short))));
  field("nut").append(...options(["lever", "kpi", "factor"]));
  field("xem").append(...options(["kpi", "factor", "lever"]));
  const placeOf = (id) => nodes.findIndex((node) => node.id === id);
  const firstLever = nodes.find((node) => node.kind === "lever") || nodes[0];
  const defaults = { nut: firstLever.id, chieu: 1, nam: 4, neu: 0, xem: "" };
  const knob = slider({ id: "nam", label: "Sau", min: 0, max: STEPS, step: 1, say: (v) => `${number(v)} năm`, act: (v) => store.set({ nam: v }) });
  zone("buoc").append(knob.node);
  const year = (state) => Math.min(Math.max(Math.round(Number(state.nam)) || 0, 0), STEPS);
  field("nut").addEventListener("change", () => store.set({ nut: field("nut").value }));
  field("xem").addEventListener("change", () => store.set({ xem: field("xem").value }));
  field("chi-neu").addEventListener("change", () => store.set({ neu: Number(field("chi-neu").checked) }));
  for (const radio of KhamPha.root.querySelectorAll("input[name=chieu]")) radio.addEventListener("change", () => store.set({ chieu: radio.value }));
  deed("lui").addEventListener("click", () => store.set({ nam: Math.max(year(store.get()) - 1, 0) }));
  deed("tien").addEventListener("click", () => store.set({ nam: Math.min(year(store.get()) + 1, STEPS) }));

  const perYear = table({ caption: "Yếu tố đang xem, từng năm", heads: [{ text: "Năm" }, { text: "Chiều", label: true }, { text: "Trung vị", right: true, label: true }, { text: "Dải 90%", right: true, label: true }], few: KhamPha.narrow ? 5 : 13 });
  zone("bang-nut").append(perYear.box);
  const carriers = table({
    caption: "Các vòng chuyển tải tác động, mạnh trước", few: 6,
    heads: [{ text: "Vòng (+ cùng chiều, − ngược chiều)" }, { text: "Phần trong thay đổi năm này", label: true, class: "o-phan" }, { text: "Bình quân mọi năm", right: true, label: true }, { text: "Loại", label: true }, { text: "Bằng chứng yếu nhất", label: true }],
  });
  zone("vong").append(carriers.box);
  const used = table({
    caption: "Liên kết có tác động đi qua đến năm đang xem", few: 8,
    heads: [{ text: "Liên kết" }, { text: "Dấu", label: true }, { text: "Độ trễ", right: true, label: true }, { text: "Loại", label: true }, { text: "Căn cứ", label: true }, { text: "Bằng chứng", label: true }, { text: "Văn bản viết" }],
  });
  zone("lien-ket").append(used.box);

  // ---- Hình ----
  const grid = (result, order, now) => {
    const head = el("tr", null, el("th", { scope: "col" }, "Yếu tố"), Array.from({ length: STEPS + 1 }, (_, step) => el("th", { scope: "col", class: step === now ? "buoc-nay" : null }, String(step))));
    const rows = order.map((at) => el("tr", { "data-ma": nodes[at].id }, el("th", { scope: "row" }, nodes[at].kind === "lever" ? nodes[at].short.split(":")[0] : nodes[at].short),
      Array.from({ length: STEPS + 1 }, (_, step) => {
        const entry = step <= now ? result[step][at] : null;
        const sign = strongSign(entry);
        return el("td", { class: step === now ? "buoc-nay" : null }, sign
          ? [el("span", { class: `o-lan ${look(entry, nodes[at])}`, "aria-hidden": "true" }, arrow[sign]), el("span", { class: "chi-doc" }, inWords(entry))] : "");
      })));
    return el("div", { class: "cuon", role: "region", tabindex: "0", "aria-label": "Dấu của tác động theo yếu tố và năm" },
      el("table", { class: "lan" }, el("caption", null, `Dấu của tác động, từ năm 0 đến năm ${now}`), el("thead", null, head), el("tbody", null, rows)));
  };
  const band = (series, name, now) => {
    const [W, H, L, R, T, B] = [460, 260, 46, 16, 14, 34];
    const values = series.flatMap((entry) => entry ? [entry.low, entry.high] : [0]);
    let low = Math.min(0, ...values);
    let high = Math.max(0, ...values);
    if (high - low < 1e-9) high = 1;
    const X = (step) => L + step / STEPS * (W - L - R);
    const Y = (v) => H - B - (v - low) / (high - low) * (H - T - B);
    const line = (pick, list = series) => list.map((entry, step) => `${step ? "L" : "M"}${X(step).toFixed(1)},${Y(entry ? pick(entry) : 0).toFixed(1)}`).join("");
    const back = series.map((_, step) => STEPS - step).map((step) => `L${X(step).toFixed(1)},${Y(series[step] ? series[step].low : 0).toFixed(1)}`).join("");
    const said = `Biểu đồ đường có dải: ${name} sau ${STEPS} năm: trung vị ${series[STEPS] ? size(series[STEPS].median) : "không đổi"}, ${inWords(series[STEPS])}.`;
    return svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "hinh-kp", role: "img", "aria-label": said },
      [low, 0, high].filter((v, place, list) => list.indexOf(v) === place).map((v) => [svg("line", { x1: L, x2: W - R, y1: Y(v), y2: Y(v), class: v ? "luoi-ngang" : "truc" }), svg("text", { x: L - 5, y: Y(v) + 5, "text-anchor": "end", class: "phu" }, v ? number(v, Math.max(high, -low) < 0.1 ? 3 : 2) : "0")]),
      svg("path", { d: `${line((e) => e.high)}${back}Z`, class: "dai" }), svg("path", { d: line((e) => e.median), class: "chon" }),
      svg("line", { x1: X(now), x2: X(now), y1: T, y2: H - B, class: "can" }),
      [0, 4, 8, 12].filter((step) => step <= STEPS).map((step) => svg("text", { x: X(step), y: H - 10, "text-anchor": step ? "middle" : "start", class: "phu" }, step ? String(step) : "năm 0")));
  };
  // Sơ đồ: mỗi yếu tố một ô ở chỗ của nó trong báo cáo, nút đẩy là đòn bẩy thì đứng trên cùng.
  const UNIT = [134, 86];
  const BOX = [108, 36];
  const lines = (text) => {
    const words = text.split(" ");
    let best = [text];
    for (let cut = 1; cut < words.length && text.length > 12; cut += 1) {
      const parts = [words.slice(0, cut).join(" "), words.slice(cut).join(" ")];
      if (best.length === 1 || Math.max(...parts.map((part) => part.length)) < Math.max(...best.map((part) => part.length))) best = parts;
    }
    return best;
  };
  const diagram = (pushed, now, passed, onPath) => {
    const shown = nodes.map((_, at) => at).filter((at) => nodes[at].x !== null || at === pushed);
    const tall = Math.max(...nodes.map((node) => node.y ?? 0));
    const lever = nodes[pushed].x === null;
    const X = (at) => 62 + (nodes[at].x ?? 3) * UNIT[0];
    const Y = (at) => 26 + (tall - (nodes[at].y ?? tall + 0.9) + (lever ? 0.9 : 0)) * UNIT[1];
    const edge = (from, to, room) => { // điểm trên mép ô của một nút, hướng về nút kia
      const [dx, dy] = [X(to) - X(from), Y(to) - Y(from)];
      const share = Math.min((BOX[0] / 2 + room) / Math.abs(dx || 1e-9), (BOX[1] / 2 + room) / Math.abs(dy || 1e-9));
      return [X(from) + dx * share, Y(from) + dy * share];
    };
    const drawn = kept.map((_, place) => place).filter((place) => shown.includes(kept[place].source) && shown.includes(kept[place].target));
    const rank = (place) => onPath.has(place) ? 2 : passed.has(place) ? 1 : 0;
    const arrows = drawn.sort((a, b) => rank(a) - rank(b)).map((place) => {
      const { source, target, polarity } = kept[place];
      const [x1, y1] = edge(source, target, 0);
      const [x2, y2] = edge(target, source, 3);
      const kind = ["cho", "qua", "manh"][rank(place)];
      return [svg("line", { x1, y1, x2, y2, class: `mui ${kind}`, "marker-end": `url(#dau-${kind})` }),
        polarity < 0 ? svg("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 5, "text-anchor": "middle", class: "dau-am" }, "−") : ""];
    });
    const boxes = shown.map((at) => {
      const entry = result[now][at];
      const text = lines(nodes[at].kind === "lever" ? nodes[at].short.split(":")[0] : nodes[at].short);
      const mark = entry ? `${arrow[strongSign(entry)]} ` : "";
      return svg("g", { class: `o-nut ${look(entry, nodes[at]) || "chua-toi"}${at === pushed ? " noi-day" : ""}` },
        svg("rect", { x: X(at) - BOX[0] / 2, y: Y(at) - BOX[1] / 2, width: BOX[0], height: BOX[1], rx: 4 }),
        text.map((line, place) => svg("text", { x: X(at), y: Y(at) + 4 + (place - (text.length - 1) / 2) * 14, "text-anchor": "middle" }, (place ? "" : mark) + line)));
    });
    const head = (kind) => svg("marker", { id: `dau-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto", class: `dau-${kind}` }, svg("path", { d: "M0,0L8,4L0,8Z" }));
    const [W, H] = [124 + 6 * UNIT[0], 52 + (tall + (lever ? 0.9 : 0)) * UNIT[1]];
    const reached = shown.filter((at) => result[now][at]).length;
    return svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "hinh-kp so-do", role: "img", "aria-label": `Sơ đồ ${number(shown.length)} yếu tố và ${number(drawn.length)} liên kết; sau ${number(now)} năm tác động ở ${number(reached)} yếu tố. Bảng ở trên nói từng yếu tố.` },
      svg("defs", null, ["cho", "qua", "manh"].map(head)), arrows, boxes);
  };
  const chain = (places, kept) => places.map((at, place) => [
    place ? "" : nodes[kept[at].source].short.split(":")[0], el("b", { title: kept[at].polarity > 0 ? "cùng chiều" : "ngược chiều" }, ` →${signOf(kept[at])} `), nodes[kept[at].target].short.split(":")[0],
  ]);

  const named = (loop) => loop.of ? loop.of.split("; ").map((id) => `${id} “${data.names[id]}”`).join("; ")
    : `qua ${loop.nodes.slice(0, 3).map((node) => nodes[node].short).join(", ")}${loop.nodes.length > 3 ? "…" : ""}`;

  // ---- Vẽ ----
  let before = "";
  let kept = links;
  let result = null;
  let shares = null;
  let ownLoops = loops;
  let pathTo = null;
  const draw = (state) => {
    const pushed = Math.max(placeOf(state.nut), 0);
    const push = Number(state.chieu) < 0 ? -1 : 1;
    const only = Number(state.neu) === 1;
    const now = year(state);
    const key = `${pushed} ${push} ${only}`;
    if (key !== before) {
      before = key;
      kept = only ? links.filter((link) => link.stated) : links;
      const pairs = new Set(kept.map((link) => link.source * n + link.target));
      ownLoops = loops.filter((loop) => loop.nodes.every((node, place) => pairs.has(node * n + loop.nodes[(place + 1) % loop.nodes.length])));
      result = simulate(kept, pushed, push);
      shares = dominance(kept, ownLoops, pushed, push);
      pathTo = strongest(kept, pushed);
    }
    field("nut").value = nodes[pushed].id;
    field("chi-neu").checked = only;
    for (const radio of KhamPha.root.querySelectorAll("input[name=chieu]")) radio.checked = Number(radio.value) === push;
    knob.set(now);
    deed("lui").disabled = now === 0;
    deed("tien").disabled = now === STEPS;
    const firstSeen = nodes.map((_, at) => result.findIndex((row) => row[at]));
    const strength = (at) => Math.abs(result[STEPS][at]?.median ?? 0);
    const reached = nodes.map((_, at) => at).filter((at) => firstSeen[at] >= 0).sort((a, b) => firstSeen[a] - firstSeen[b] || strength(b) - strength(a));
    zone("lan").replaceChildren(grid(result, reached, now));
    const never = nodes.filter((node, at) => firstSeen[at] < 0 && node.kind !== "lever").length;

    const others = reached.filter((at) => at !== pushed);
    const watched = placeOf(state.xem) >= 0 ? placeOf(state.xem) : others.find((at) => nodes[at].kind === "kpi" && strongSign(result[STEPS][at]) === 2) ?? [...others].sort((a, b) => strength(b) - strength(a))[0] ?? pushed;
    field("xem").value = nodes[watched].id;
    const series = result.map((row) => row[watched]);
    zone("hinh").replaceChildren(band(series, nodes[watched].name, now));
    perYear.fill(series.map((entry, step) => ({ head: true, keep: step === now || step === STEPS, class: step === now ? "dang-chon" : null, cells: [
      String(step), inWords(entry), entry ? size(entry.median) : "–", entry ? `${size(entry.low)} đến ${size(entry.high)}` : "–",
    ] })));
    const { path, delay } = pathTo(watched);
    zone("duong").replaceChildren(path.length
      ? el("p", { class: "chuoi" }, `Đường dẫn mạnh nhất (${number(delay)} năm): `, chain(path, kept))
      : el("p", null, watched === pushed ? "Đây là nơi đang đẩy." : "Không có đường dẫn nào từ nơi đẩy tới yếu tố này."));

    const average = shares.map((row) => { const seen = row.filter((value) => value !== null); return seen.length ? seen.reduce((sum, value) => sum + Math.abs(value), 0) / seen.length : 0; });
    const share = shares.map((row) => now ? row[now - 1] : null);
    const order = ownLoops.map((_, at) => at).filter((at) => average[at] > 0.0005 || Math.abs(share[at] ?? 0) > 0.0005).sort((a, b) => Math.abs(share[b] ?? 0) - Math.abs(share[a] ?? 0) || average[b] - average[a]);
    const at = new Map(kept.map((link, place) => [link.source * n + link.target, place]));
    carriers.fill(order.map((loop) => {
      const list = ownLoops[loop].nodes;
      const places = list.map((node, place) => at.get(node * n + list[(place + 1) % list.length]));
      const value = Math.abs(share[loop] ?? 0);
      return { key: ownLoops[loop].id, cells: [
        [el("span", null, chain(places, kept)), ownLoops[loop].of ? el("span", { class: "phu-nho" }, ` (vòng ${ownLoops[loop].of}: ${ownLoops[loop].of.split("; ").map((id) => data.names[id]).join("; ")})`) : ""],
        [share[loop] === null ? "–" : percent(value), el("span", { class: `thanh-phan${ownLoops[loop].balancing ? " can-bang" : ""}`, style: `width:${(value * 100).toFixed(1)}%`, "aria-hidden": "true" })],
        percent(average[loop]), ownLoops[loop].kind, ownLoops[loop].evidence,
      ] };
    }));
    zone("vong-noi").textContent = order.length
      ? `${number(order.length)} trong ${number(ownLoops.length)} vòng khép kín có tác động đi qua. Mọi vòng trong bảng cộng lại là 100% (vòng dưới 0,05% không nêu).`
      : "Cú đẩy này không làm vòng khép kín nào chuyển động trong thời gian đang xem.";

    const passed = kept.map((link, place) => place).filter((place) => { const start = firstSeen[kept[place].source]; return start >= 0 && start + kept[place].delay <= now; });
    zone("so-do").replaceChildren(diagram(pushed, now, new Set(passed), new Set(path)));
    used.fill(passed.map((place) => ({ cells: [
      `${nodes[kept[place].source].short.split(":")[0]} → ${nodes[kept[place].target].short.split(":")[0]}`, signOf(kept[place]), `${number(kept[place].delay)} năm`, kept[place].kind, kept[place].basis, kept[place].evidence, kept[place].phrase,
    ] })));

    const moved = others.filter((node) => result[now][node]);
    const by = (sign) => moved.filter((node) => strongSign(result[now][node]) === sign);
    const vague = by(2).map((node) => nodes[node].short);
    const top = order[0];
    KhamPha.result = { result: result.map((row) => row.map((entry) => entry && { up: entry.up, down: entry.down, median: entry.median })), shares, loops: ownLoops.map((loop) => loop.nodes.map((node) => nodes[node].id).join(">")), ids: nodes.map((node) => node.id) };
    tell(zone("ket-luan"), `${push > 0 ? "Đẩy tăng" : "Kéo giảm"} “${nodes[pushed].short}”, sau ${number(now)} năm: ${moved.length
      ? `tác động tới ${number(moved.length)} yếu tố; ${number(by(1).length)} tăng, ${number(by(-1).length)} giảm, ${number(vague.length)} chưa rõ chiều${vague.length ? ` (${vague.slice(0, 3).join(", ")}${vague.length > 3 ? "…" : ""})` : ""}.`
      : "chưa yếu tố nào khác chuyển động."}`
      + `${top !== undefined && share[top] !== null ? ` Vòng chuyển tải nhiều nhất năm này: vòng ${named(ownLoops[top])} (${percent(Math.abs(share[top]))}).` : ""}`
      + `${never ? ` ${number(never)} yếu tố không bị tác động trong ${number(STEPS)} năm.` : ""}`);
  };
  const store = stateful(defaults, draw);
  store.start();
})();
