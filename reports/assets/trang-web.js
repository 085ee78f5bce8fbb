// Bảng theo dõi: lọc bảng, chọn bản đồ, xem nguồn của từng số. Không có JavaScript thì mọi dòng vẫn hiện. Không gọi tài nguyên ngoài.
(() => {
  "use strict";
  const plain = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");

  for (const form of document.querySelectorAll("form.loc[data-bang]")) {
    const id = form.dataset.bang;
    const table = document.getElementById(id);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows];
    const field = (name) => document.getElementById(`${id}-${name}`);
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
      const words = plain(field("tim")?.value || "").split(/\s+/).filter(Boolean);
      let seen = 0;
      for (const row of rows) {
        const fits = words.every((word) => row.dataset.chu.includes(word))
          && [["linh-vuc", "linhVuc"], ["nam", "nam"], ["dia-ban", "diaBan"]].every(([name, key]) => {
            const wanted = field(name)?.value;
            return !wanted || row.dataset[key] === wanted;
          });
        row.hidden = !fits;
        seen += fits;
        row.classList.toggle("gon-lai", fits && !open && seen > few);
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
    if (id === "tinh" && /^#34-\d\d$/.test(location.hash)) {
      field("dia-ban").value = location.hash.slice(1).replace("-", ":");
    }
    if (id === "tinh") addEventListener("hashchange", () => {
      if (!/^#34-\d\d$/.test(location.hash)) return;
      field("dia-ban").value = location.hash.slice(1).replace("-", ":");
      apply();
    });
    apply();
    if (target && table.contains(target)) target.scrollIntoView({ block: "center" });
  }

  const choice = document.getElementById("chon-ban-do");
  choice?.form.addEventListener("submit", (event) => event.preventDefault());
  choice?.addEventListener("change", () => {
    for (const map of document.querySelectorAll(".mot-ban-do")) map.hidden = map.id !== choice.value;
  });

  const box = document.createElement("div");
  box.id = "o-truy-vet";
  box.setAttribute("role", "status");
  box.hidden = true;
  (document.querySelector("main") || document.body).append(box);
  const show = (button) => {
    box.textContent = button.dataset.nguon;
    box.hidden = false;
    const place = button.getBoundingClientRect();
    const width = Math.min(340, document.documentElement.clientWidth - 16);
    box.style.width = `${width}px`;
    box.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - width - 8)) + scrollX}px`;
    box.style.top = `${place.bottom + 6 + scrollY}px`;
  };
  const hide = () => { box.hidden = true; };
  for (const button of document.querySelectorAll("button.so[data-nguon]")) {
    button.addEventListener("focus", () => show(button));
    button.addEventListener("click", () => show(button));
    button.addEventListener("blur", hide);
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
