-- Quarto bọc mỗi ô của sổ tay và mỗi kết quả trong một khung (cell, cell-output); bộ dựng kèm theo thì không. Bỏ các khung ấy để mọi
-- bộ lọc sau, mục lục và định dạng trang gặp cùng một cấu trúc trong cả hai.
local KHUNG = { 'cell', 'cell-output' }

return {
  {
    Div = function(khung)
      for _, lop in ipairs(KHUNG) do
        if khung.classes:includes(lop) then return khung.content end
      end
    end,
  },
}
