// Trang đọc: tìm không cần dấu, xếp bảng theo cột, mục đang đọc, tải bảng số. Không có JavaScript thì trang vẫn đọc được.
// Không gọi tài nguyên ngoài.
(() => {
  "use strict";

  // Hình, bảng ngoài tầm nhìn chưa được dàn (bao-cao.css): ai nhảy tới một chỗ của trang thì dàn cả trang trước, để tới đúng chỗ.
  const lay = () => { for (const figure of document.querySelectorAll("main figure")) figure.style.contentVisibility = "visible"; };
  const jumping = (event) => { if (event.target.closest('a[href^="#"], .tim')) lay(); };
  for (const kind of ["click", "focusin"]) document.addEventListener(kind, jumping, true);
  if (location.hash) {
    lay();
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }

  const main = document.getElementById("noi-dung");
  const bare = (text) => [...text].map((sign) => {
    const base = sign.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/, "d").toLowerCase();
    return base.length === 1 ? base : /\s/.test(sign) ? " " : sign.length === 1 ? sign.toLowerCase() : " ";
  }).join("").replace(/\s/g, " ");

  // Tìm
  const field = document.getElementById("tim");
  const told = document.getElementById("tim-dem");
  const BLOCKS = "p, li, td, th, h1, h2, h3, h4, figcaption, caption, dt, dd";
  let blocks = null;
  let found = [];
  let at = -1;
  const gather = () => [...main.querySelectorAll(BLOCKS)].filter((block) => !block.querySelector(BLOCKS) && !block.closest("nav")).map((block) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      nodes.push([text.length, node]);
      text += node.data;
    }
    return { block, nodes, text: bare(text), marked: text.toLowerCase().replace(/\s/g, " ") };
  });
  const place = (nodes, offset, end) => {
    const [start, node] = nodes.findLast(([first]) => end ? first < offset : first <= offset);
    return [node, offset - start];
  };
  const paint = () => {
    if (!("highlights" in CSS)) return;
    CSS.highlights.set("tim", new Highlight(...found));
    CSS.highlights.set("tim-dang-xem", new Highlight(...found.slice(at, at + 1).filter(() => at >= 0)));
  };
  const say = () => {
    told.textContent = !field.value.trim() ? "" : found.length ? `${at + 1}/${found.length} chỗ` : "không thấy";
  };
  const go = (step) => {
    if (!found.length) return;
    at = (at + step + found.length) % found.length;
    const place = found[at].startContainer.parentElement;
    place.closest("details")?.setAttribute("open", "");
    place.scrollIntoView({ block: "center" });
    paint();
    say();
  };
  const search = () => {
    const wanted = field.value.normalize("NFC").trim().toLowerCase().replace(/\s+/g, " ");
    const exact = bare(wanted) !== wanted; // gõ có dấu thì tìm đúng dấu
    found = [];
    at = -1;
    blocks ??= gather();
    for (const { nodes, text, marked } of wanted.length > 1 ? blocks : []) {
      const where = exact ? marked : text;
      for (let from = where.indexOf(wanted); from >= 0; from = where.indexOf(wanted, from + 1)) {
        if (from && /[\p{L}\p{N}]/u.test(where[from - 1])) continue;
        const range = document.createRange();
        range.setStart(...place(nodes, from, false));
        range.setEnd(...place(nodes, from + wanted.length, true));
        found.push(range);
      }
    }
    if (found.length) go(1);
    else { paint(); say(); }
  };
  if (field) {
    let waiting = 0;
    field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
    field.form.addEventListener("submit", (event) => { event.preventDefault(); go(1); });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); go(-1); }
      if (event.key === "Escape") { field.value = ""; search(); field.blur(); }
    });
    document.getElementById("tim-truoc").addEventListener("click", () => go(-1));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
      event.preventDefault();
      field.focus();
    });
  }

  // Xếp bảng theo cột
  const number = (text) => {
    const seen = text.replace(/[\s\u2007\u2008\u00a0\u202f]/g, "").match(/[−-]?\d[\d.]*(?:,\d+)?/);
    if (!seen) return null;
    return Number(seen[0].replace("−", "-").replaceAll(".", "").replace(",", "."));
  };
  const words = new Intl.Collator("vi", { numeric: true });
  const day = (text) => text.match(/(?:(\d{1,2})\/)?(\d{1,2})\/(\d{4})/);
  const key = (text) => {
    const date = day(text);
    return date ? Number(date[3]) * 10000 + Number(date[2]) * 100 + Number(date[1] || 0) : number(text);
  };
  for (const table of main.querySelectorAll("table.bang")) {
    const body = table.tBodies[0];
    const heads = [...(table.tHead?.rows[0]?.cells || [])];
    const rows = [...(body?.rows || [])];
    for (const [part, role] of [["thead, tbody", "rowgroup"], ["tr", "row"], ["th", "columnheader"], ["td", "cell"]]) {
      for (const element of table.querySelectorAll(part)) element.setAttribute("role", role); // giữ nghĩa bảng khi ô xếp thành khối
    }
    table.setAttribute("role", "table");
    if (rows.length < 4 || table.tBodies.length > 1 || rows.some((row) => row.cells.length !== heads.length)) continue;
    heads.forEach((head, column) => {
      const texts = rows.map((row) => row.cells[column].textContent.trim());
      const filled = texts.filter((text) => /[\p{L}\p{N}]/u.test(text));
      const counted = filled.length && filled.filter((text) => /^[^\p{L}]{0,3}(?:hơn |gần |khoảng |ít nhất |trên |dưới )?[−-]?\d/u.test(text)).length > filled.length / 2;
      const button = document.createElement("span"); // nút thật không in lại ở đầu bảng của trang sau
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.className = "xep-cot";
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        const order = rows.map((row, index) => ({ row, index, value: counted ? key(texts[index]) : texts[index] || null }));
        if (next) {
          head.setAttribute("aria-sort", next);
          const sign = next === "ascending" ? 1 : -1;
          order.sort((a, b) => {
            if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.index - b.index; // ô trống đứng cuối
            return sign * (counted ? a.value - b.value : words.compare(a.value, b.value)) || a.index - b.index;
          });
        }
        body.append(...order.map((entry) => entry.row));
        blocks = null;
      });
    });
  }

  // Mục đang đọc
  const links = new Map([...document.querySelectorAll("nav.ben a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  if (links.size) {
    const heads = [...main.querySelectorAll("h2[id], h3[id], h4[id], section[id]")].filter((head) => links.has(head.id));
    const mark = () => {
      const above = heads.filter((head) => head.getBoundingClientRect().top < 140);
      const current = links.get((above.at(-1) || heads[0])?.id);
      if (!current || current.hasAttribute("aria-current")) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      current.setAttribute("aria-current", "true");
      const list = current.closest("nav");
      const place = current.offsetTop - list.offsetTop;
      if (place < list.scrollTop || place > list.scrollTop + list.clientHeight - 40) list.scrollTop = place - list.clientHeight / 2;
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  // Bảng số của báo cáo, ghi từ chính trang này
  const data = document.getElementById("tai-so-lieu");
  const store = document.getElementById("truy-vet");
  if (data && store) {
    data.hidden = false;
    data.addEventListener("click", () => {
      const columns = { so: "Con số", cach: "Cách tính", dung: "Số liệu dùng", ky: "Kỳ", tinh_trang: "Tình trạng", cong_bo: "Ngày công bố", nguon: "Nguồn" };
      const cell = (text) => `"${String(text || "").replace(/^[=+@]/, "'$&").replaceAll('"', '""')}"`;
      const { so: facts, nguon: sources } = JSON.parse(store.textContent);
      const lines = Object.values(facts).map((fact) => Object.keys(columns).map((name) => cell(name === "nguon" ? sources[fact.nguon] : fact[name])).join(","));
      const text = `\ufeff${Object.values(columns).map(cell).join(",")}\r\n${lines.join("\r\n")}\r\n`;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
      link.download = data.dataset.ten;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
})();
