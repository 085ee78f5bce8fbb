// Biểu đồ sống: khi hình vào tầm nhìn, thay hình tĩnh bằng biểu đồ Vega-Lite có chú giải khi rê chuột hoặc
// chọn bằng bàn phím. Không có JavaScript, hoặc khi in, hình tĩnh vẫn còn. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const specs = new Map();
  for (const node of document.querySelectorAll("script.bieu-do-song[data-figure]")) {
    specs.set(node.dataset.figure, node.textContent);
  }
  const engine = document.getElementById("bo-ve");
  if (!specs.size || !engine) return;
  // Bộ vẽ và số liệu của hình nén trong trang, chỉ được giải nén và đọc khi hình sắp vào tầm nhìn.
  const unpack = (text) => {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  let reading = null;
  const ready = () => reading ??= (async () => {
    const script = document.createElement("script");
    script.textContent = await unpack(engine.textContent);
    document.head.append(script);
  })();

  // Chuyển động bị tắt theo yêu cầu của người đọc thì sơ đồ không được có hoạt họa.
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Dấu nào chưa có chú giải thì lấy từ chính những gì nó vẽ; tên trường đổi ra tiếng Việt.
  const MARKS = new Set(["bar", "point", "circle", "square", "rect", "rule", "arc", "tick"]);
  const NAMES = { year: "Năm", day: "Ngày", period: "Kỳ", value: "Giá trị", label: "Giá trị", forecast: "Dự báo", observed: "Xảy ra thật",
    coverage: "Độ phủ", horizon: "Tầm dự báo", lo: "Cận dưới", hi: "Cận trên", level: "Mức", start: "Từ", end: "Đến" };
  const describe = (node, sets, above = {}, data = null) => {
    if (Array.isArray(node)) return node.forEach((part) => describe(part, sets, above, data));
    if (!node || typeof node !== "object") return undefined;
    const encoding = { ...above, ...node.encoding };
    const own = node.data || data;
    const rows = own?.values || sets?.[own?.name] || [];
    const written = (part) => (part.type === "temporal" ? { format: "%d/%-m/%Y", ...part } : part.type === "quantitative" && part.field !== "year" ? { format: ",.2~f", ...part } : part);
    if (node.mark && Array.isArray(encoding.tooltip)) {
      // Chú giải nói giá trị của ai (tên của dòng, khi số liệu có), và nói giá trị cả ở dấu không ghi nhãn.
      let listed = encoding.tooltip;
      if (rows[0] && "name" in rows[0] && !listed.some((part) => part.field === "name")) {
        const [plain, kinds] = [listed.filter((part) => part.title !== " "), listed.filter((part) => part.title === " ")];
        listed = [{ field: "name", type: "nominal", title: " " }, ...plain, ...kinds.map((part) => ({ ...part, title: "Loại" }))];
      }
      const value = encoding.y?.type === "quantitative" ? encoding.y : encoding.x;
      if (value?.type === "quantitative" && rows.some((row) => !row.label)) {
        listed = listed.map((part) => (part.field === "label" ? { field: value.field, type: "quantitative", title: part.title } : part));
      }
      node.encoding = { ...node.encoding, tooltip: listed.map(written) };
    }
    const kind = node.mark?.type || node.mark;
    if (MARKS.has(kind) && !encoding.tooltip && node.mark.tooltip === undefined) {
      const fields = new Map();
      for (const name of ["color", "shape", "detail", "row", "column", "x", "x2", "y", "y2"]) {
        const channel = encoding[name];
        if (channel?.field && !fields.has(channel.field)) fields.set(channel.field, channel);
      }
      const listed = [...fields].filter(([field, channel]) => channel.title || NAMES[field])
        .map(([field, channel]) => written({ field, type: channel.type || (typeof rows[0]?.[field] === "number" ? "quantitative" : "nominal"), title: channel.title || NAMES[field] }));
      if (listed.length) node.encoding = { ...node.encoding, tooltip: listed };
    }
    for (const part of ["layer", "hconcat", "vconcat", "concat", "spec"]) if (node[part]) describe(node[part], sets, encoding, own);
    return undefined;
  };
  const LOCALE = { decimal: ",", thousands: ".", grouping: [3], currency: ["", " ₫"], minus: "\u2212" };

  // Bàn phím: mũi tên đi qua từng dấu có chú giải và đọc giá trị của nó.
  const readable = (view) => {
    const found = [];
    const walk = (item) => {
      if (item.tooltip && typeof item.tooltip === "object") {
        found.push(Object.entries(item.tooltip).map(([name, value]) => (name.trim() ? `${name}: ${value}` : value)).join(" · "));
      }
      (item.items || []).forEach(walk);
    };
    walk(view.scenegraph().root);
    return [...new Set(found)];
  };
  const listen = (box, view) => {
    const said = document.createElement("p");
    said.className = "bieu-do-doc";
    said.setAttribute("role", "status");
    box.after(said);
    const values = readable(view);
    let at = -1;
    box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step || !values.length) return;
      event.preventDefault();
      at = (at + step + values.length) % values.length;
      said.textContent = values[at];
    });
    box.addEventListener("blur", () => { said.textContent = ""; });
  };

  const draw = async (figure, text) => {
    const picture = figure.querySelector("img, svg");
    if (!picture || figure.dataset.song) return;
    figure.dataset.song = "dang-ve";
    const box = document.createElement("div");
    box.className = "bieu-do";
    box.tabIndex = 0;
    box.setAttribute("role", "figure");
    box.setAttribute("aria-label", picture.getAttribute("alt") || "");
    picture.before(box);
    try {
      await ready();
      const wide = JSON.parse(await unpack(text));
      const spec = figure.clientWidth < 480 ? { ...wide, ...wide.usermeta?.narrow } : wide; // màn hình hẹp có bản vẽ riêng, chỉ ghi phần khác
      describe(spec, spec.datasets);
      const result = await window.vegaEmbed(box, spec, {
        actions: false,
        formatLocale: LOCALE,
        renderer: "svg",
        logLevel: 1, // chỉ báo lỗi
        hover: !still,
        tooltip: { theme: "custom" },
      });
      const drawing = box.querySelector("svg");
      if (!drawing) throw new Error("không vẽ được hình");
      // Hình tự co theo cột chữ: giữ hệ tọa độ, bỏ kích thước cố định.
      if (!drawing.hasAttribute("viewBox")) {
        drawing.setAttribute("viewBox", `0 0 ${drawing.getAttribute("width")} ${drawing.getAttribute("height")}`);
      }
      drawing.removeAttribute("width");
      drawing.removeAttribute("height");
      drawing.setAttribute("focusable", "false");
      // Vega tả từng phần của hình bằng tiếng Anh; lời tả của hình đã nói đủ.
      drawing.setAttribute("aria-hidden", "true");
      for (const part of drawing.querySelectorAll("[aria-roledescription], [aria-label]")) {
        for (const name of ["aria-roledescription", "aria-label", "role"]) part.removeAttribute(name);
      }
      drawing.removeAttribute("aria-roledescription");
      drawing.removeAttribute("aria-label");
      listen(box, result.view);
      box.setAttribute("role", "figure");
      box.setAttribute("aria-label", `${picture.getAttribute("alt") || ""} Phím mũi tên đọc từng giá trị.`);
      box.removeAttribute("aria-roledescription");
      picture.classList.add("an-tren-man-hinh");
      figure.dataset.song = "xong";
      return result;
    } catch (error) {
      box.remove();
      figure.dataset.song = "hinh-tinh";
      console.warn(`Biểu đồ ${figure.id}: dùng hình tĩnh (${error.message})`);
    }
  };

  const start = (figure) => draw(figure, specs.get(figure.id));
  const figures = [...specs.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (!("IntersectionObserver" in window)) {
    figures.forEach(start);
    return;
  }
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      start(entry.target);
    }
  }, { rootMargin: "200px 0px" });
  figures.forEach((figure) => watcher.observe(figure));
})();
