// Phần chung của các trang khám phá: số liệu trong trang, số kiểu Việt Nam, thanh kéo, bảng, hình SVG, trạng thái nằm trong đường dẫn.
// Không gọi tài nguyên ngoài.
"use strict";
const KhamPha = (() => {
  const root = document.getElementById("kham-pha");
  const narrow = matchMedia("(max-width: 600px)").matches;
  if (narrow) document.querySelector(".gia-dinh").open = false; // điện thoại: mở khi cần
  const data = JSON.parse(document.getElementById("du-lieu-kham-pha").textContent);
  const zone = (name) => root.querySelector(`[data-vung="${name}"]`);
  const deed = (name) => root.querySelector(`[data-viec="${name}"]`);

  // Làm tròn trên chữ số thập phân như mọi trang khác: 15 chữ số có nghĩa, nửa thì lên.
  const number = (value, digits = 0) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const exact = Number(value.toPrecision(15));
    const rounded = Number(`${Math.round(Number(`${Math.abs(exact)}e${digits}`))}e-${digits}`);
    const size = Number.isFinite(rounded) ? rounded : Math.abs(exact);
    const text = size.toLocaleString("vi-VN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return (exact < 0 && size > 0 ? "−" : "") + text;
  };
  const percent = (share, digits = 0) => `${number(share * 100, digits)}%`;

  const put = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  };
  const el = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => put(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // Một thanh kéo có nhãn và giá trị bằng chữ: dùng được bằng phím mũi tên, Home, End.
  const slider = ({ id, label, min, max, step, say, act }) => {
    const output = el("output", { for: id });
    const input = el("input", { id, type: "range", min, max, step, on: { input: () => { act(Number(input.value)); } } });
    const set = (value) => {
      input.value = value;
      output.textContent = say(value);
      input.setAttribute("aria-valuetext", say(value));
    };
    return { node: el("div", { class: "thanh" }, el("label", { for: id }, label), output, input), input, set };
  };

  // Bảng: heads là danh sách {text, right, label}; mỗi dòng là {cells, class, key}. Dòng thừa gấp lại sau một nút.
  const table = ({ caption, heads, few = Infinity }) => {
    const body = el("tbody");
    const id = `bang-${caption.length}-${heads.length}`;
    const head = el("thead", null, el("tr", null, heads.map((h) => el("th", { scope: "col", class: h.right ? "so-phai" : null }, h.text))));
    const more = el("button", { type: "button", class: "xem-tat-ca", hidden: true, "aria-controls": id, on: { click: () => { open = !open; fold(); } } });
    const box = el("div", null,
      el("div", { class: "cuon", role: "region", tabindex: "0", "aria-label": caption },
        el("table", { class: "xep", id }, el("caption", null, caption), head, body)), more);
    let open = false;
    let keep = [];
    const fold = () => {
      [...body.rows].forEach((row, place) => row.classList.toggle("gon-lai", !open && place >= few && !keep[place]));
      more.hidden = body.rows.length <= few;
      more.textContent = open ? `Chỉ hiện ${number(few)} dòng đầu` : `Xem tất cả ${number(body.rows.length)} dòng`;
      more.setAttribute("aria-expanded", String(open));
    };
    const fill = (rows) => {
      keep = rows.map((row) => row.keep);
      const bare = heads.map((_, place) => rows.every((row) => row.cells[place] === "–")); // cột không có gì để nói thì ẩn
      [...head.rows[0].cells].forEach((cell, place) => { cell.hidden = bare[place]; });
      body.replaceChildren(...rows.map((row) => el("tr", { class: row.class, "data-ma": row.key },
        row.cells.map((cell, place) => el(place === 0 && row.head ? "th" : "td", {
          scope: place === 0 && row.head ? "row" : null,
          class: [heads[place].right && "so-phai", heads[place].class, cell === "–" && "khong"].filter(Boolean).join(" ") || null,
          "data-ten": heads[place].label ? heads[place].text : null,
          hidden: bare[place],
        }, cell)))));
      fold();
    };
    return { box, fill };
  };

  // Câu kết luận đọc to sau khi người đọc dừng tay, để trình đọc màn hình không nói dồn.
  let waiting = 0;
  const tell = (node, text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (node.textContent !== text) node.textContent = text; }, node.textContent ? 350 : 0);
  };

  // Trạng thái: một bản ghi tên → chữ; chỉ phần khác mặc định vào đường dẫn.
  const stateful = (defaults, draw) => {
    let state = { ...defaults };
    const read = () => {
      state = { ...defaults };
      for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (name in defaults) state[name] = value;
    };
    const link = () => {
      const told = new URLSearchParams(Object.entries(state).filter(([name, value]) => String(value) !== String(defaults[name])));
      return `#${told}`;
    };
    let planned = 0;
    const redraw = () => {
      planned = 0;
      draw(state);
      const address = link();
      if ((location.hash || "#") !== address) history.replaceState(null, "", address === "#" ? location.pathname + location.search : address);
      deed("lien-ket")?.setAttribute("href", address === "#" ? location.pathname.split("/").pop() : address);
    };
    const set = (change) => {
      Object.assign(state, change);
      planned ||= requestAnimationFrame(redraw);
    };
    const reset = () => { state = { ...defaults }; redraw(); };
    addEventListener("hashchange", () => { read(); redraw(); });
    deed("dat-lai")?.addEventListener("click", reset);
    root.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
    const start = () => { read(); redraw(); };
    return { set, start, get: () => state };
  };

  // Số ngẫu nhiên có hạt giống: cùng lựa chọn thì cùng kết quả.
  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  // Phân vị nội suy tuyến tính của một dãy đã xếp tăng.
  const quantile = (sorted, share) => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (sorted[Math.ceil(place)] - sorted[low]) * (place - low);
  };

  return { data, narrow, zone, deed, number, percent, el, svg, slider, table, tell, stateful, random, quantile, root };
})();
