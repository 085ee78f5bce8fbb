// Nguồn của từng con số: bấm, hoặc đưa con trỏ bàn phím tới số, thì hiện số ấy từ đâu ra. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const store = document.getElementById("truy-vet");
  if (!store) return;
  const { so: facts, nguon: sources } = JSON.parse(store.textContent);
  const pages = JSON.parse(document.documentElement.dataset.chiSo || "{}"); // mã chỉ số → trang của chỉ số, khi trang này nằm trên trang web
  const labels = {
    cach: "Cách tính", dung: "Số liệu dùng", ky: "Kỳ", tinh_trang: "Tình trạng", cong_bo: "Ngày công bố", nguon: "Nguồn",
  };
  const box = document.createElement("div");
  box.id = "o-truy-vet";
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", "Con số này từ đâu ra");
  box.tabIndex = -1;
  box.hidden = true;
  document.body.append(box);
  let shown = null;

  const EDGE = 8;
  const put = (span) => {
    const screen = document.documentElement;
    box.style.width = `${Math.min(420, screen.clientWidth - 2 * EDGE)}px`;
    const place = (span.getClientRects()[0] || span.getBoundingClientRect());
    const size = box.getBoundingClientRect();
    const below = place.bottom + 6;
    const top = below + size.height + EDGE <= screen.clientHeight ? below : Math.max(EDGE, Math.min(place.top - size.height - 6, screen.clientHeight - size.height - EDGE));
    box.style.left = `${Math.max(EDGE, Math.min(place.left, screen.clientWidth - size.width - EDGE))}px`;
    box.style.top = `${top}px`;
  };
  const show = (span) => {
    const fact = facts[span.dataset.so];
    if (!fact) return;
    const list = document.createElement("dl");
    for (const [key, label] of Object.entries(labels)) {
      if (fact[key] === undefined) continue;
      const name = document.createElement("dt");
      const text = document.createElement("dd");
      name.textContent = label;
      text.textContent = key === "nguon" ? sources[fact.nguon] : fact[key];
      list.append(name, text);
    }
    const head = document.createElement("p");
    head.className = "o-so";
    head.textContent = fact.so;
    box.replaceChildren(head, list);
    if (pages[fact.ma]) {
      const link = document.createElement("a");
      link.href = pages[fact.ma];
      link.textContent = "Trang của chỉ số này";
      box.append(link);
    }
    box.hidden = false;
    put(span);
    shown?.setAttribute("aria-expanded", "false");
    span.setAttribute("aria-expanded", "true");
    shown = span;
  };
  const hide = () => {
    box.hidden = true;
    shown?.setAttribute("aria-expanded", "false");
    shown = null;
  };

  for (const span of document.querySelectorAll("[data-so]")) {
    if (!facts[span.dataset.so]) continue;
    span.tabIndex = 0;
    span.setAttribute("role", "button");
    span.setAttribute("aria-expanded", "false");
    span.setAttribute("aria-haspopup", "dialog");
    span.addEventListener("focus", () => show(span));
    span.addEventListener("click", (event) => { event.stopPropagation(); show(span); });
    span.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show(span);
      (box.querySelector("a") || box).focus();
    });
  }
  document.addEventListener("focusin", (event) => {
    if (shown && event.target !== shown && !box.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) hide(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    const back = box.contains(document.activeElement) ? shown : null;
    hide();
    back?.focus();
    if (back) hide();
  });
  addEventListener("scroll", () => { if (shown) put(shown); }, { passive: true });
  addEventListener("resize", hide);
})();
