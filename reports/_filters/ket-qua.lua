-- Quarto bọc mỗi ô của sổ tay và mỗi kết quả trong một khung (cell, cell-output), và biến hình, bảng có nhãn thành nút riêng
-- (FloatRefTarget); bộ dựng kèm theo thì không. Đưa về như cũ, để mọi bộ lọc sau gặp cùng một cấu trúc trong cả hai.
local KHUNG = { 'cell', 'cell-output' }

-- Quarto đã chạy xong sổ tay: trả nó về như trước ngay tại đây, vì việc dựng có thể dừng ở một bộ lọc sau.
if quarto and quarto.project and quarto.project.directory then
  dofile(pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), 'so-tay.lua' })).tra(quarto.project.directory .. '/')
end

local function cac_khoi(noi_dung)
  if not noi_dung then return pandoc.Blocks({}) end
  if pandoc.utils.type(noi_dung) == 'Block' then return pandoc.Blocks({ noi_dung }) end
  return pandoc.Blocks(noi_dung)
end

--- Lấy hình hoặc bảng ở trong nút của Quarto, cùng nhãn, chú thích và thuộc tính.
local function hinh_bang(nut)
  local chu, anh, tb = cac_khoi(nut.caption_long), nil, nil
  cac_khoi(nut.content):walk({
    Image = function(i) anh = anh or i end,
    Table = function(t) tb = tb or t end,
  })
  if tb and nut.identifier:match('^tbl%-') then
    tb.identifier, tb.caption.long = nut.identifier, chu
    for ten, gia_tri in pairs(nut.attributes or {}) do tb.attributes[ten] = gia_tri end
    return tb
  end
  -- Không còn hình (an-toan.lua đã bỏ) thì vẫn là một hình: chu-thich.lua từ chối.
  local trong = anh and { pandoc.Plain({ anh }) } or cac_khoi(nut.content)
  return pandoc.Figure(trong, { long = chu }, pandoc.Attr(nut.identifier))
end

-- Thấy một kết quả text/html (bảng pandas), Quarto thêm vào đầu trang các tệp lệnh lấy từ ngoài; trang của báo cáo không dùng.
local function bo_lenh_ngoai(meta)
  for _, ten in ipairs({ 'header-includes', 'include-before', 'include-after' }) do meta[ten] = nil end
  return meta
end

return {
  { Meta = quarto and bo_lenh_ngoai or nil },
  {
    FloatRefTarget = hinh_bang,
    Div = function(khung)
      for _, lop in ipairs(KHUNG) do
        if khung.classes:includes(lop) then return khung.content end
      end
    end,
  },
}
