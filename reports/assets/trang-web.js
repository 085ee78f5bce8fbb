// Trang web: tìm trên cả trang, lọc bảng, chọn bản đồ, đọc biểu đồ, xem nguồn của từng số. Không có JavaScript thì mọi dòng vẫn hiện. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const root = document.documentElement.dataset.goc || "";
  const plain = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  // Dấu câu ngắt cụm từ: "kinh tế (số …" không phải "kinh tế số".
  const words = (text) => text.replace(/[^\p{L}\p{N}.\s]+/gu, " ¦ ").replace(/\s+/g, " ").replace(/^[ ¦]+|[ ¦]+$/g, "");

  // Khớp: nguyên cụm từ trước (từ cuối có thể gõ dở); không có dòng nào thì mới tính dòng có đủ các từ.
  // "kinh te so" không khớp "kinh tế – xã hội". Gõ có dấu thì dòng đúng dấu đứng trước.
  const phrase = (query, text) => ` ${words(text)}`.indexOf(` ${words(query)}`);
  const matcher = (query) => {
    const bare = plain(query), parts = words(bare).split(" ").filter((part) => part && part !== "¦");
    return {
      empty: parts.length === 0,
      exact: (text) => phrase(bare, text) >= 0,
      loose: (text) => parts.every((part) => ` ${words(text)}`.includes(` ${part}`)),
    };
  };

  // --- Tìm trên cả trang
  const field = document.getElementById("tim-moi-trang");
  if (field) {
    const list = document.getElementById("ket-qua-tim"), told = document.getElementById("dem-tim");
    let entries = null, waiting = false;
    const load = () => {
      if (entries || waiting) return;
      waiting = true;
      const script = document.createElement("script");
      script.src = `${root}tim-kiem.js`;
      script.onload = () => {
        entries = window.nqTim.map(([kind, name, said, address]) => ({ kind, name, said, address, text: plain(name), more: plain(`${name} · ${said}`) }));
        look();
      };
      document.head.append(script);
    };
    const rank = (entry, query) => {
      const at = phrase(plain(query), entry.text);
      const accents = phrase(query.toLowerCase(), entry.name.toLowerCase()) >= 0 ? 0 : 1;
      return [at < 0 ? 1 : 0, accents, at < 0 ? 0 : at, entry.kind === "so-lieu" ? 1 : 0, entry.name.length];
    };
    const before = (a, b) => {
      for (let place = 0; place < a.order.length; place += 1) if (a.order[place] !== b.order[place]) return a.order[place] - b.order[place];
      return 0;
    };
    const look = () => {
      const query = field.value, match = matcher(query);
      list.replaceChildren();
      list.hidden = match.empty || !entries;
      if (match.empty || !entries) { told.textContent = ""; return; }
      let found = entries.filter((entry) => match.exact(entry.more));
      const loosely = found.length === 0;
      if (loosely) found = entries.filter((entry) => match.loose(entry.more));
      found = found.map((entry) => ({ entry, order: rank(entry, query) })).sort(before).map((pair) => pair.entry);
      const many = found.length.toLocaleString("vi-VN");
      told.textContent = found.length === 0 ? "Không tìm thấy." : `${many} kết quả${loosely ? " có đủ các từ (không có nguyên cụm từ)" : ""}${found.length > 12 ? ", hiện 12" : ""}`;
      list.hidden = found.length === 0;
      for (const entry of found.slice(0, 12)) {
        const item = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("span"), said = document.createElement("span");
        link.href = root + entry.address;
        link.textContent = entry.name;
        kind.className = "loai";
        kind.textContent = window.nqLoai[entry.kind];
        said.className = "nho";
        said.textContent = entry.said;
        item.append(kind, link, said);
        list.append(item);
      }
    };
    field.addEventListener("focus", load);
    field.addEventListener("input", () => { load(); look(); });
    field.form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    field.form.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")];
      if (event.key === "Escape") { list.hidden = true; told.textContent = ""; field.focus(); return; }
      if (!["ArrowDown", "ArrowUp"].includes(event.key) || !links.length) return;
      event.preventDefault();
      const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (place < 0 ? field : links[Math.min(place, links.length - 1)]).focus();
    });
    document.addEventListener("click", (event) => { if (!field.form.contains(event.target)) list.hidden = true; });
  }

  // --- Lọc bảng
  for (const form of document.querySelectorAll("form.loc[data-bang]")) {
    const id = form.dataset.bang;
    const table = document.getElementById(id);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows];
    const choice = (name) => document.getElementById(`${id}-${name}`);
    const count = form.querySelector(".dem");
    // Bảng dài chỉ hiện những dòng đầu; nút ở dưới mở mọi dòng. Khi in thì in mọi dòng khớp bộ lọc.
    const few = Number(table.dataset.gon) || Infinity;
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let open = Boolean(target && table.contains(target));
    const more = few < Infinity ? document.createElement("button") : null;
    if (more) {
      more.type = "button";
      more.className = "xem-tat-ca";
      more.setAttribute("aria-controls", id);
      more.addEventListener("click", () => { open = !open; apply(); if (!open) form.scrollIntoView(); });
      table.closest(".cuon").after(more);
    }
    const apply = () => {
      const match = matcher(choice("tim")?.value || "");
      const chosen = rows.filter((row) => [["linh-vuc", "linhVuc"], ["nam", "nam"], ["dia-ban", "diaBan"]].every(([name, key]) => {
        const wanted = choice(name)?.value;
        return !wanted || row.dataset[key] === wanted;
      }));
      const exact = match.empty || chosen.some((row) => match.exact(row.dataset.chu));
      const fits = new Set(chosen.filter((row) => match.empty || (exact ? match.exact : match.loose)(row.dataset.chu)));
      let seen = 0;
      for (const row of rows) {
        row.hidden = !fits.has(row);
        seen += fits.has(row);
        row.classList.toggle("gon-lai", fits.has(row) && !open && seen > few);
      }
      const all = seen.toLocaleString("vi-VN");
      const folded = !open && seen > few;
      if (count) count.textContent = `${all}/${rows.length.toLocaleString("vi-VN")} dòng${folded ? `, đang hiện ${few} dòng đầu` : ""}`;
      if (more) {
        more.hidden = seen <= few;
        more.textContent = folded ? `Xem tất cả ${all} dòng` : `Chỉ hiện ${few} dòng đầu`;
        more.setAttribute("aria-expanded", String(!folded));
      }
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", apply);
    // Chọn một tỉnh, một cơ quan (trên bản đồ, trong kết quả tìm): đưa người đọc tới số liệu của nơi ấy.
    const arrive = () => {
      const code = location.hash.slice(1).replace("-", ":");
      const options = choice("dia-ban");
      if (!options || ![...options.options].some((option) => option.value === code && code)) return;
      options.value = code;
      open = true;
      apply();
      const caption = table.caption;
      caption.tabIndex = -1;
      table.closest("details")?.setAttribute("open", "");
      caption.focus({ preventScroll: true });
      form.scrollIntoView({ block: "start" });
    };
    addEventListener("hashchange", arrive);
    addEventListener("load", arrive); // trình duyệt tự cuộn lúc tải xong, nên đưa tới lần nữa
    apply();
    if (target && table.contains(target)) target.scrollIntoView({ block: "center" });
    arrive();
  }

  const shown = document.getElementById("chon-ban-do");
  shown?.form.addEventListener("submit", (event) => event.preventDefault());
  shown?.addEventListener("change", () => {
    for (const map of document.querySelectorAll(".mot-ban-do")) map.hidden = map.id !== shown.value;
  });

  // --- Ô nguồn của một số, lời của một điểm trên biểu đồ
  const box = document.createElement("div");
  box.id = "o-truy-vet";
  box.setAttribute("role", "status");
  box.hidden = true;
  (document.querySelector("main") || document.body).append(box);
  const show = (text, place) => {
    box.textContent = text;
    box.hidden = false;
    const width = Math.min(340, document.documentElement.clientWidth - 16);
    box.style.width = `${width}px`;
    box.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
    const below = place.bottom + 6 + box.offsetHeight <= innerHeight || place.top < box.offsetHeight + 12;
    box.style.top = `${(below ? place.bottom + 6 : place.top - box.offsetHeight - 6) + scrollY}px`;
  };
  const hide = () => { box.hidden = true; };
  for (const button of document.querySelectorAll("button.so[data-nguon]")) {
    const tell = () => show(button.dataset.nguon, button.getBoundingClientRect());
    button.addEventListener("focus", tell);
    button.addEventListener("click", tell);
    button.addEventListener("blur", hide);
  }
  for (const figure of document.querySelectorAll("figure.hinh")) {
    const points = () => [...figure.querySelectorAll("[data-chu]")].filter((point) => point.getBoundingClientRect().width > 0 || point.getBoundingClientRect().height > 0);
    let place = -1, marked = null;
    const mark = (point) => {
      marked?.classList.remove("dang-doc");
      marked = point;
      if (!point) { hide(); return; }
      point.classList.add("dang-doc");
      show(point.dataset.chu, point.getBoundingClientRect());
    };
    figure.addEventListener("pointerover", (event) => mark(event.target.closest("[data-chu]")));
    figure.addEventListener("pointerleave", () => mark(null));
    figure.addEventListener("click", (event) => mark(event.target.closest("[data-chu]")));
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = points().sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
      place = Math.max(0, Math.min(all.length - 1, place + step));
      mark(all[place]);
    });
    figure.addEventListener("blur", () => { place = -1; mark(null); });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
