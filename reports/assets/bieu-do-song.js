// Biểu đồ sống: khi hình vào tầm nhìn, thay hình tĩnh bằng biểu đồ Vega-Lite có chú giải khi rê chuột hoặc
// chọn bằng bàn phím. Không có JavaScript, hoặc khi in, hình tĩnh vẫn còn. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const specs = new Map();
  for (const node of document.querySelectorAll("script.bieu-do-song[data-figure]")) {
    specs.set(node.dataset.figure, node.textContent);
  }
  if (!specs.size || typeof window.vegaEmbed !== "function") return;

  // Chuyển động bị tắt theo yêu cầu của người đọc thì sơ đồ không được có hoạt họa.
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

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
      const wide = JSON.parse(text);
      const spec = figure.clientWidth < 480 && wide.usermeta?.narrow || wide; // màn hình hẹp có bản vẽ riêng
      const result = await window.vegaEmbed(box, spec, {
        actions: false,
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
      // vegaEmbed đặt lại vai trò và lời tả bằng tiếng Anh.
      box.setAttribute("role", "figure");
      box.setAttribute("aria-label", picture.getAttribute("alt") || "");
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
