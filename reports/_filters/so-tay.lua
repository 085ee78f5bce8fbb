-- Giữ nguyên sổ tay khi Quarto chạy nó (--execute ghi kết quả vào chính sổ tay). Không phải một bộ lọc; cong.lua giữ, ket-qua.lua trả.
local M = {}
-- Quarto cho PANDOC_SCRIPT_FILE đúng chỉ trong bộ lọc; tệp được bộ lọc gọi phải hỏi chỗ của chính nó.
local tep = dofile(pandoc.path.join({ pandoc.path.directory(debug.getinfo(1, 'S').source:sub(2)), 'tep.lua' }))
local GIU = '.quarto/so-tay-goc/'

local function moi_tep(goc, lam)
  local co, cac_ten = pcall(pandoc.system.list_directory, goc .. GIU)
  for _, ten in ipairs(co and cac_ten or {}) do lam(goc .. GIU .. ten, goc .. ten:gsub('%%', '/')) end
end

--- Lời của các ô, không kể ô tham số mà việc chạy thêm vào: hai sổ tay cùng lời chỉ khác nhau ở kết quả.
local function loi(chu)
  local ra = {}
  for _, o in ipairs(pandoc.json.decode(chu, false).cells) do
    if not pandoc.List(o.metadata.tags or {}):includes('injected-parameters') then
      ra[#ra + 1] = o.cell_type .. (type(o.source) == 'table' and table.concat(o.source) or o.source)
    end
  end
  return table.concat(ra, '\0')
end

--- Giữ một bản của các sổ tay trong notebooks/ sắp được chạy.
function M.giu(cac_so_tay)
  pandoc.system.make_directory(GIU, true)
  M.thoi('')
  for so_tay in cac_so_tay:gmatch('[^\n]+') do
    local chu = so_tay:match('^notebooks[/\\].*%.ipynb$') and tep.doc(so_tay)
    if chu then tep.ghi(GIU .. so_tay:gsub('[/\\]', '%%'), chu) end
  end
end

--- Trả các sổ tay đã giữ về như trước, trừ sổ tay mà người dùng đã sửa lời; goc là thư mục dự án, có dấu / ở cuối.
function M.tra(goc)
  moi_tep(goc, function(ban_giu, so_tay)
    local truoc, nay = tep.doc(ban_giu), tep.doc(so_tay)
    local doc_duoc, cung_loi = pcall(function() return truoc ~= nay and loi(truoc) == loi(nay) end)
    if doc_duoc and cung_loi then tep.ghi(so_tay, truoc) end
  end)
end

--- Thôi giữ.
function M.thoi(goc)
  moi_tep(goc, os.remove)
end

return M
