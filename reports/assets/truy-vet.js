// Nguồn của từng con số: bấm, hoặc đưa con trỏ bàn phím tới số, thì hiện giá trị lấy từ đâu. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const store = document.getElementById("truy-vet");
  if (!store) return;
  const facts = JSON.parse(store.textContent);
  const labels = {
    so: "Số in", cach: "Cách có", ky: "Kỳ", tinh_trang: "Tình trạng", cong_bo: "Công bố", nguon: "Nguồn", dong: "Dòng dữ liệu",
  };
  const box = document.createElement("div");
  box.id = "o-truy-vet";
  box.setAttribute("role", "status");
  box.hidden = true;
  document.body.append(box);
  let shown = null;

  const show = (span) => {
    const fact = facts[span.dataset.so];
    if (!fact) return;
    const list = document.createElement("dl");
    for (const [key, label] of Object.entries(labels)) {
      if (!fact[key]) continue;
      const name = document.createElement("dt");
      const text = document.createElement("dd");
      name.textContent = label;
      text.textContent = fact[key];
      list.append(name, text);
    }
    box.replaceChildren(list);
    box.hidden = false;
    const place = span.getBoundingClientRect();
    const width = Math.min(360, document.documentElement.clientWidth - 16);
    box.style.width = `${width}px`;
    const left = Math.max(8, Math.min(place.left, document.documentElement.clientWidth - width - 8));
    box.style.left = `${left + window.scrollX}px`;
    box.style.top = `${place.bottom + 6 + window.scrollY}px`;
    if (shown) shown.removeAttribute("aria-describedby");
    span.setAttribute("aria-describedby", box.id);
    shown = span;
  };
  const hide = () => {
    box.hidden = true;
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
  };

  for (const span of document.querySelectorAll("[data-so]")) {
    if (!facts[span.dataset.so]) continue;
    span.tabIndex = 0;
    span.setAttribute("role", "button");
    span.addEventListener("focus", () => show(span));
    span.addEventListener("blur", hide);
    span.addEventListener("click", () => show(span));
    span.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(span); }
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
