// Tốc độ: một bước mỗi năm đưa một mục tiêu tới đâu, bao giờ tới đích, khả năng theo phân phối dự báo.
"use strict";
(() => {
  const { data, zone, deed, number, percent, el, svg, slider, table, tell, stateful } = KhamPha;
  const { targets, probabilities, year: YEAR } = data;
  const field = document.getElementById("muc-tieu");

  // ---- Phép tính ----
  const gapOf = (t) => t.direction * (t.aim - t.value); // phần còn thiếu, dương khi chưa đạt
  const needed = (t) => Math.max(gapOf(t), 0) / (YEAR - t.start);
  const present = (t) => t.pace === null ? null : t.direction * t.pace;
  const clip = (t, value) => Math.min(Math.max(value, t.lower ?? -Infinity), t.upper ?? Infinity);
  const at = (t, step, when) => t.value + t.direction * step * (when - t.start);
  const arrival = (t, step) => gapOf(t) <= 0 ? t.start : step > 0 ? t.start + gapOf(t) / step : null;
  const wholeYear = (when) => Math.ceil(when - 1e-6);
  // Xác suất không quá một giá trị, từ các phân vị: nội suy tuyến tính ở giữa, đuôi mũ ở ngoài.
  const below = (q, value) => {
    const last = q.length - 1;
    if (value < q[0] || value > q[last]) {
      const low = value < q[0];
      const [edge, next] = low ? [q[0], q[1]] : [q[last], q[last - 1]];
      const step = Math.abs(next - edge);
      const fall = Math.log(probabilities[1] / probabilities[0]);
      const tail = step > 0 ? probabilities[0] * Math.exp(-Math.abs(value - edge) / step * fall) : 0;
      return low ? tail : 1 - tail;
    }
    let place = 0;
    while (place < last - 1 && q[place + 1] <= value) place += 1;
    const width = q[place + 1] - q[place];
    const share = width > 0 ? (value - q[place]) / width : 1;
    return probabilities[place] + share * (probabilities[place + 1] - probabilities[place]);
  };
  // Xác suất đạt ít nhất (hướng +1) hoặc không quá (−1) một mức; hạng và số đếm nguyên thì cộng nửa đơn vị.
  const chance = (t, quantiles, value) => {
    const half = t.forecast.whole ? 0.5 : 0;
    const found = t.direction < 0 ? below(quantiles, value + half) : below(quantiles.map((q) => -q).reverse(), -(value - half));
    return Math.min(Math.max(found, 0), 1);
  };
  const chances = (t, step) => {
    if (!t.forecast) return null;
    const { goal } = t.forecast;
    const middle = goal[(goal.length - 1) / 2];
    const path = clip(t, at(t, step, YEAR));
    return { far: chance(t, goal, path), moved: chance(t, goal.map((q) => q + path - middle), t.aim), now: chance(t, goal, t.aim) };
  };

  // ---- Chữ ----
  const digits = (t) => t.unit === "thứ hạng" ? 1 : 2;
  const trim = (t, value, most = digits(t)) => {
    if (value === null || !Number.isFinite(value)) return "–";
    let places = 0;
    while (places < most && Math.abs(Number(value.toFixed(places)) - value) > 1e-9) places += 1;
    return number(value, places);
  };
  const unit = (t) => t.unit === "%" ? "%" : "";
  const value = (t, v) => v === null ? "–" : `${t.unit === "thứ hạng" ? number(v, v % 1 ? 1 : 0) : trim(t, v)}${unit(t)}`;
  const foreseen = (t, v) => value(t, t.forecast.whole ? Math.round(v) : v);
  const step = (t, s) => `${s < 0 ? "lùi " : ""}${number(Math.abs(s), digits(t))} ${t.step_unit}/năm`.replace(" /", "/");
  const verb = (t) => t.direction > 0 ? "tăng" : t.unit === "thứ hạng" ? "lên" : "giảm";
  const inWords = (p) => p < 0.005 ? "dưới 1%" : p > 0.995 ? "trên 99%" : `khoảng ${percent(p)}`;
  const arrives = (t, s) => {
    const when = arrival(t, s);
    if (when === null) return "không bao giờ";
    return wholeYear(when) > 2100 ? "sau năm 2100" : String(wholeYear(when));
  };

  // ---- Điều khiển ----
  const open = targets.filter((t) => !t.met);
  const first = (open.find((t) => t.pace !== null && t.forecast) || open.find((t) => t.pace !== null && wholeYear(arrival(t, present(t)) ?? 9999) > YEAR) || open[0] || targets[0]).id;
  const defaults = { muc: first, buoc: "" };
  field.append(...targets.map((t) => el("option", { value: t.id }, `${t.name}${t.met ? " (đã đạt)" : ""}`)));
  field.addEventListener("change", () => store.set({ muc: field.value, buoc: "" }));
  let knob = null;
  let knobOf = "";
  const startOf = (t) => present(t) ?? needed(t);
  const range = (t) => {
    const most = Math.max(2 * needed(t), 1.5 * Math.abs(present(t) ?? 0), 1e-9);
    return [Math.min(0, 1.5 * (present(t) ?? 0)), most];
  };
  deed("hien-nay").addEventListener("click", () => store.set({ buoc: String(present(current())) }));
  deed("can-co").addEventListener("click", () => store.set({ buoc: String(needed(current())) }));
  const current = () => targets.find((t) => t.id === store.get().muc) || targets.find((t) => t.id === first);

  const yearly = table({
    caption: "Giá trị từng năm theo từng tốc độ", few: KhamPha.narrow ? 6 : 12,
    heads: [{ text: "Năm" }, { text: "Bước đang chọn", right: true, label: true }, { text: "Tốc độ hiện nay", right: true, label: true }, { text: "Tốc độ cần có", right: true, label: true }, { text: "Dự báo (80%)", right: true, label: true }],
  });
  zone("bang").append(yearly.box);
  const all = table({
    caption: "Mọi mục tiêu năm 2030 có số liệu để tính",
    heads: [{ text: "Mục tiêu", class: "o-ten" }, { text: "Số mới nhất", label: true }, { text: "Đích", label: true }, { text: "Tốc độ hiện nay", right: true, label: true }, { text: "Tốc độ cần có", right: true, label: true },
      { text: "Phải nhanh gấp", right: true, label: true }, { text: "Giữ tốc độ này thì tới", right: true, label: true }, { text: "Khả năng theo dự báo", right: true, label: true }, { text: "Đánh giá", label: true }],
  });
  zone("tat-ca").append(all.box);
  all.fill(targets.map((t) => ({
    key: t.id, head: true,
    cells: [
      el("span", null, t.page ? el("a", { class: "ten-muc-tieu", href: t.page }, t.name) : t.name, " ",
        el("button", { type: "button", class: "thu-buoc", "aria-label": `Thử bước khác cho mục tiêu: ${t.name}`, on: { click: () => { store.set({ muc: t.id, buoc: "" }); field.focus(); field.scrollIntoView({ block: "center" }); } } }, "thử bước khác")),
      `${t.shown} (${t.period}${t.status ? `, ${t.status}` : ""})`, t.target,
      t.met ? "–" : t.pace === null ? "chưa tính được" : step(t, present(t)), t.met ? "đã đạt" : step(t, needed(t)),
      t.met || !(present(t) > 0) ? "–" : needed(t) > present(t) ? `${number(needed(t) / present(t), 1)} lần` : "đã đủ nhanh",
      t.met || t.pace === null ? "–" : arrives(t, present(t)),
      t.forecast ? inWords(chances(t, needed(t)).now) : "–", t.verdict || "chưa đánh giá được",
    ],
  })));

  // ---- Hình ----
  const ticks = (low, high, count) => {
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const size = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= raw);
    const result = [];
    for (let v = Math.ceil(low / size) * size; v <= high + size * 1e-9; v += size) result.push(Number(v.toPrecision(12)));
    return result;
  };
  const picture = (t, s, end) => {
    const narrow = zone("hinh").clientWidth < 520;
    const [W, H, L, R, T, B] = narrow ? [420, 400, 56, 104, 16, 36] : [560, 380, 54, 118, 16, 32];
    const past = t.history.length ? t.history : [[t.start, t.value]];
    const x0 = Math.min(past[0][0], t.start - 1);
    const values = [...past.map((p) => p[1]), t.aim, t.value, clip(t, at(t, s, end))];
    if (t.forecast) t.forecast.quantiles.forEach((q) => values.push(q[4], q[q.length - 5]));
    let low = Math.min(...values);
    let high = Math.max(...values);
    const room = (high - low || 1) * 0.08;
    low -= room;
    high += room;
    const rank = t.unit === "thứ hạng";
    const X = (when) => L + (when - x0) / (end - x0) * (W - L - R);
    const Y = (v) => rank ? T + (v - low) / (high - low) * (H - T - B) : H - B - (v - low) / (high - low) * (H - T - B);
    const path = (points) => points.map(([a, b], place) => `${place ? "L" : "M"}${X(a).toFixed(1)},${Y(b).toFixed(1)}`).join("");
    const straight = (pace, until = end) => {
      const points = [];
      for (let k = 0; k <= 40; k += 1) { const when = t.start + (until - t.start) * k / 40; points.push([when, clip(t, at(t, pace, when))]); }
      return points.filter(([, v]) => v >= low && v <= high);
    };
    const said = `Biểu đồ đường: ${t.name}, ${value(t, t.value)} (${t.period}); đích ${value(t, t.aim)} năm ${YEAR}; theo bước đang chọn tới đích: ${arrives(t, s)}.`;
    const finish = (drawn) => svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "hinh-kp", role: "img", "aria-label": said }, drawn);
    const kids = [];
    for (const v of ticks(Math.max(low, rank ? 1 : low), high, 5)) {
      kids.push(svg("line", { x1: L, x2: W - R, y1: Y(v), y2: Y(v), class: "luoi-ngang" }), svg("text", { x: L - 6, y: Y(v) + 5, "text-anchor": "end", class: "phu" }, value(t, v)));
    }
    for (const v of ticks(x0, end, narrow ? 3 : 5).filter((v) => v % 1 === 0)) kids.push(svg("text", { x: X(v), y: H - 8, "text-anchor": "middle", class: "phu" }, String(v)));
    if (t.forecast) {
      const f = t.forecast;
      const start = [[t.start, t.value]];
      const upper = [...start, ...f.years.map((y, i) => [y, f.quantiles[i][f.quantiles[i].length - 5]])];
      const lower = [...start, ...f.years.map((y, i) => [y, f.quantiles[i][4]])];
      kids.push(svg("path", { d: `${path(upper)}${path(lower.reverse()).replace("M", "L")}Z`, class: "dai" }));
      kids.push(svg("path", { d: path([...start, ...f.years.map((y, i) => [y, f.quantiles[i][(f.quantiles[i].length - 1) / 2]])]), class: "giua" }));
    }
    if (!t.met) kids.push(svg("path", { d: path(straight(needed(t), YEAR)), class: "can" }));
    if (t.pace !== null) kids.push(svg("path", { d: path(straight(present(t))), class: "nay" }));
    kids.push(svg("path", { d: path(past), class: "lich-su" }), ...past.map((p) => svg("circle", { cx: X(p[0]), cy: Y(p[1]), r: 3, class: "diem" })));
    if (!t.met) kids.push(svg("path", { d: path(straight(s)), class: "chon" }));
    const [dx, dy] = [X(YEAR), Y(t.aim)];
    kids.push(svg("path", { d: `M${dx},${dy - 8}L${dx + 8},${dy}L${dx},${dy + 8}L${dx - 8},${dy}Z`, class: "dich" }));
    // Nhãn ở cuối đường, tách nhau theo chiều dọc; nhãn của đích đứng cạnh dấu của nó.
    const aimed = `Đích ${value(t, t.aim)}`;
    const labels = end > YEAR + 1 ? [] : [{ y: dy, text: aimed, class: "dam" }];
    if (!labels.length) kids.push(svg("text", { x: dx - 12, y: dy + 5, "text-anchor": "end", class: "dam" }, aimed));
    const tail = (pace, text, name) => { const points = straight(pace); labels.push({ y: Y(points[points.length - 1][1]), text, class: name }); };
    if (!t.met) tail(s, "Bước đang chọn", "chu-chon");
    if (t.pace !== null) tail(present(t), "Tốc độ hiện nay", "phu");
    if (t.forecast) labels.push({ y: Y(t.forecast.goal[(t.forecast.goal.length - 1) / 2]), text: "Dự báo, dải 80%", class: "phu" });
    labels.sort((a, b) => a.y - b.y);
    if (!labels.length) return finish(kids);
    const size = narrow ? 20 : 16;
    labels.forEach((label, place) => { if (place) label.y = Math.max(label.y, labels[place - 1].y + size); });
    const over = labels[labels.length - 1].y - (H - B);
    if (over > 0) labels.forEach((label) => { label.y -= over; });
    for (let place = labels.length - 2; place >= 0; place -= 1) labels[place].y = Math.min(labels[place].y, labels[place + 1].y - size);
    kids.push(...labels.map((label) => svg("text", { x: W - R + 8, y: label.y + 5, class: label.class }, narrow ? label.text.replace("Bước đang chọn", "Bước chọn").replace("Tốc độ hiện nay", "Hiện nay").replace(", dải 80%", "") : label.text)));
    return finish(kids);
  };

  // ---- Vẽ ----
  const draw = (state) => {
    const t = current();
    field.value = t.id;
    const [low, high] = range(t);
    const asked = state.buoc === "" ? NaN : Number(state.buoc);
    const s = t.met ? 0 : Number.isFinite(asked) ? Math.min(Math.max(asked, low), high) : startOf(t);
    if (knobOf !== t.id) {
      knob = slider({ id: "buoc-nam", label: `${t.name}: ${verb(t)} mỗi năm`, min: low, max: high, step: "any", say: (v) => step(t, v), act: (v) => store.set({ buoc: String(v) }) });
      zone("buoc").replaceChildren(knob.node);
      knobOf = t.id;
      zone("the").replaceChildren(el("p", null, `“${t.stated}”. Đích: ${t.target}. Số mới nhất: ${t.shown} (${t.period}${t.status ? `, ${t.status}` : ""}; nguồn: ${t.source}). `, t.page && el("a", { href: t.page }, "Trang của mục tiêu này")));
    }
    knob.set(s);
    knob.input.disabled = t.met;
    deed("hien-nay").disabled = t.met || t.pace === null;
    deed("can-co").disabled = t.met;
    const when = t.met ? null : arrival(t, s);
    const rows = [];
    const last = Math.max(YEAR, Math.min(when === null ? YEAR : wholeYear(when), YEAR + 15));
    const end = Math.max(YEAR + 0.6, last);
    const byYear = new Map((t.forecast?.years || []).map((y, i) => [y, t.forecast.quantiles[i]]));
    for (let y = Math.floor(t.start) + 1; y <= last; y += 1) {
      const q = byYear.get(y);
      rows.push({ head: true, class: y === YEAR ? "dang-chon" : null, cells: [
        String(y), t.met ? "–" : value(t, clip(t, at(t, s, y))), t.pace === null ? "–" : value(t, clip(t, at(t, present(t), y))),
        t.met || y > YEAR ? "–" : value(t, at(t, needed(t), y)), q ? `${foreseen(t, q[12])} (${foreseen(t, q[4])} đến ${foreseen(t, q[20])})` : "–",
      ] });
    }
    yearly.fill(rows);
    zone("hinh").replaceChildren(picture(t, s, end));
    const found = t.met ? null : chances(t, s);
    KhamPha.result = { id: t.id, step: s, arrival: when, needed: needed(t), chances: found };
    const box = [];
    if (found) {
      box.push(el("p", null, `(1) Theo dự báo từ ${number(t.forecast.points)} kỳ số liệu, khả năng đến năm ${YEAR} đi được ít nhất xa như bước ${step(t, s)}: ${inWords(found.far)}. Khả năng đạt mục tiêu khi không can thiệp vào dự báo: ${inWords(found.now)}.`),
        el("p", null, `(2) Nếu giữa của dự báo dời về đúng bước này và độ bất định giữ nguyên, khả năng đạt mục tiêu: ${inWords(found.moved)}. Đây là giả định để so các bước với nhau; dự báo không nói bước này khả thi hay không.`));
    } else if (!t.met) box.push(el("p", null, t.chance_reason ? `Không nêu khả năng: ${t.chance_reason.replace("không dự báo: ", "")}.` : "Bản này không nêu khả năng."));
    else box.push(el("p", null, "Mục tiêu đã đạt: không tính khả năng."));
    zone("kha-nang").replaceChildren(...box);
    if (t.met) {
      tell(zone("ket-luan"), `${t.name}: ${t.shown} (${t.period}), đích ${t.target}: đã đạt, không cần bước thêm; việc còn lại là giữ.`);
      return;
    }
    const late = when === null ? null : wholeYear(when) - YEAR;
    const verdict = late === null ? `không tới đích (đứng yên hoặc đi ngược)` : late <= 0 ? `tới đích năm ${wholeYear(when)}, kịp năm ${YEAR}` : `tới đích ${arrives(t, s) === "sau năm 2100" ? "sau năm 2100" : `năm ${wholeYear(when)}, chậm ${number(late)} năm`}`;
    const short = t.direction * (t.aim - clip(t, at(t, s, YEAR)));
    tell(zone("ket-luan"), `${t.name}: với bước ${step(t, s)}, ${verdict}; hết năm ${YEAR} ở mức ${value(t, clip(t, at(t, s, YEAR)))}${short > 1e-9 ? `, còn thiếu ${trim(t, short)} ${t.step_unit}` : ""}. `
      + `Cần ${step(t, needed(t))}; hiện nay ${t.pace === null ? t.reason || "chưa tính được tốc độ" : `${step(t, present(t))} (từ ${t.since})`}`
      + `${present(t) > 0 && needed(t) > present(t) * 1.0001 ? `, phải nhanh gấp ${number(needed(t) / present(t), 1)} lần` : ""}.`);
  };
  const store = stateful(defaults, draw);
  KhamPha.compute = { targets, needed, present, arrival, chances };
  store.start();
  addEventListener("resize", () => { store.set({}); });
})();
